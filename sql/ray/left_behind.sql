-- Purpose: list the staging tables of runs that are over
-- In: pg_class, etl.sync_logs
-- Out: one row a table: its name
-- Params: none
SELECT classes.relname::text AS table_name
FROM pg_class AS classes
INNER JOIN pg_namespace AS schemas ON classes.relnamespace = schemas.oid
WHERE
    schemas.nspname = 'etl'
    AND classes.relkind = 'r'
    AND NOT EXISTS (
        SELECT 1 FROM etl.sync_logs AS logs
        WHERE
            logs.status = 'RUNNING'
            AND starts_with(classes.relname, 'staged_' || lower(replace(logs.sync_id, '-', '_')) || '_')
    )
    AND classes.relname ~ '^staged_[0-9]{8}t[0-9]{6}z_[0-9a-f]{6}_(shards|keys|tenants|rejected|issues)$'
ORDER BY classes.relname;
