-- Purpose: find the tables by which a CMS is known for Payload
-- In: pg_class
-- Out: one row each: name
-- Params: none; the setting etl.cms_schema
SELECT classes.relname::text AS name
FROM pg_class AS classes
INNER JOIN pg_namespace AS namespaces ON classes.relnamespace = namespaces.oid
WHERE
    namespaces.nspname = current_setting('etl.cms_schema')
    AND classes.relkind IN ('r', 'p')
    AND classes.relname IN ('payload_locked_documents', 'payload_kv', 'payload_migrations', 'payload_preferences')
ORDER BY 1;
