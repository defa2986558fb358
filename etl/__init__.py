"""Batch sync of a mall's tenant directory from its API into the Postgres behind a CMS."""

__version__ = "0.1.0"
