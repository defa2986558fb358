"""What a column is, declared once: the API's fields, the canonical tenant row, floors and categories.

Uses nothing but the libraries of frames. Pure: no settings, log, files, clock or database.
"""

CONTRACT_VERSION = 1
"""Rises whenever a column of the snapshot or of the canonical row changes its meaning."""
