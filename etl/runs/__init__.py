"""A run: its locks, its connection, its log, the CMS's screen of it, and for how long all that is kept.

Uses load and db. Knows what became of a plan and of a feed, not how they were made.
"""
