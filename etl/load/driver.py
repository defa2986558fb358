"""ADBC's driver for Postgres.

It imports pyarrow.dataset, so as to know one when it is asked to load one; here it is only asked to load tables.
"""

from etl.unused import without

with without("pyarrow.dataset", is_required=True):
    from adbc_driver_postgresql import dbapi

__all__ = ["dbapi"]
