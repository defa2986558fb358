"""The same job on Ray: the workers of a cluster fetch pages, and transform, match and stage their records.

Nothing imports this package, nor Ray, unless `--engine ray` is given. The driver keeps what has to be one: the proof that
the feed is whole, the order of the records, the plan, the merge and the log. docs/scaling.md tells how to run it.
"""
