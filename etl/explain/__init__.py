"""One record, from raw text to the CMS row: for `etl explain`."""
