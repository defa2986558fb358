-- Purpose: read which columns the tables on the search path have
-- In: information_schema.columns
-- Out: one row a column
-- Params: $1 text: the tables' names, joined by commas
SELECT
    table_schema::text AS table_schema,
    table_name::text AS table_name,
    column_name::text AS column_name
FROM information_schema.columns
WHERE
    table_schema = 'etl'
    OR (
        table_schema = ANY(current_schemas(false))
        AND table_name = ANY(string_to_array($1, ','))
    )
ORDER BY table_schema, table_name, ordinal_position;
