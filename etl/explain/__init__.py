"""One record, from raw text to the CMS row: for `etl explain`.

Uses compare, load, match and extract; writes nothing. Knows no terminal: report shows it.
"""
