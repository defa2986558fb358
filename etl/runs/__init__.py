"""A run: its lock, its log, the CMS's screen of it, and for how long all that is kept.

Uses load and db. Knows no plan and no feed, only what became of them.
"""
