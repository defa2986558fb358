"""Move: a record whose kind changed goes to the other table with all that editors made of it, as a run of its own.

Uses explain (ids near to one), runs, compare and load. Knows neither the API nor snapshots.
"""
