"""What people read: results, diffs and runs as text for a terminal, and as HTML.

Uses the plain data of the rooms below it. Reads no database or file, and decides nothing.
"""
