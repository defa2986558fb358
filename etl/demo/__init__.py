"""A whole run without a server or an account: embedded Postgres, sample data, a served snapshot.

Uses every room but cli. No other room knows it: what it shows is the program as it is.
"""
