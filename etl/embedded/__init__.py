"""The life of an embedded Postgres: its programs, account, folder, start and end.

Uses the errors and the reading of DATABASE_URL. Knows no table, and nothing of the demo.
"""
