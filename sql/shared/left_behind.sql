-- Purpose: list the staging tables that are there, of this run or another
-- In: pg_class
-- Out: one row a table: its name
-- Params: none
SELECT classes.relname::text AS table_name
FROM pg_class AS classes
INNER JOIN pg_namespace AS schemas ON classes.relnamespace = schemas.oid
WHERE
    schemas.nspname = 'etl'
    AND classes.relkind = 'r'
    AND classes.relname ~ '^staged_[0-9]{8}t[0-9]{6}z_[0-9a-f]{6}_(shards|keys|tenants|rejected|issues)$'
ORDER BY classes.relname;
