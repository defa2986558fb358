"""Rollback: put back what a run changed, field by field, where nobody changed it since.

Uses runs, compare and load. Knows neither the API nor snapshots.
"""
