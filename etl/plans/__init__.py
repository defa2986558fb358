"""A saved plan: the file, and the temporary tables that go into it and come out of it.

Uses load and snapshot. Decides nothing: what a plan says was decided when it was made.
"""
