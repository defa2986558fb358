"""Load: staging, plan, guards and apply in Postgres, set-based, over ADBC.

Uses match, transform, extract's feeds and db. Knows no log of runs, and writes to the CMS in `apply` only.
"""
