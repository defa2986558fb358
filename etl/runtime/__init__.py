"""The process: its log, signals, limits, timing, metrics, imports, and the files of SQL.

Uses the errors only. Knows nothing of tenants, sources or runs.
"""
