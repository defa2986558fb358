"""A saved plan: the file, the temporary tables that go into it and come out of it, and its way into the CMS.

Uses runs, load and snapshot. Decides nothing: what a plan says was decided when it was made.
"""
