"""Embedded Postgres."""
