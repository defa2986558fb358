"""Who does the work between the API and the staging tables: this process, or the workers of a cluster.

Uses runs, load and extract. Others ask `base` for one by name, and know no engine but the ordinary one.
"""
