-- Purpose: read which columns tables of the CMS and of schema etl have, whoever may see them
-- In: pg_attribute, pg_class, pg_namespace
-- Out: one row a column
-- Params: $1 text: the names of the CMS's tables, joined by commas
SELECT
    namespaces.nspname::text AS table_schema,
    classes.relname::text AS table_name,
    attributes.attname::text AS column_name
FROM pg_class AS classes
INNER JOIN pg_namespace AS namespaces ON classes.relnamespace = namespaces.oid
INNER JOIN pg_attribute AS attributes ON classes.oid = attributes.attrelid
WHERE
    classes.relkind IN ('r', 'p', 'v')
    AND attributes.attnum > 0
    AND NOT attributes.attisdropped
    AND (
        namespaces.nspname = 'etl'
        OR (
            namespaces.nspname = current_setting('etl.cms_schema')
            AND classes.relname = ANY(string_to_array($1, ',')::name [])
        )
    )
ORDER BY table_schema, table_name, attributes.attnum;
