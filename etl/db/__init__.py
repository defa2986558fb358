"""The connection to Postgres: statements, bulk loads, transactions, and what is tried again.

Uses config, embedded and runtime; the only room with ADBC. Knows no table.
"""
