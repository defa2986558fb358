-- Purpose: read which columns the CMS's screen of runs has, and of which types, so that an older release's are enough
-- In: pg_attribute
-- Out: one row a column of each table that exists on the search path
-- Params: $1 text: the tables' names, joined by commas
SELECT
    wanted.table_name,
    attributes.attname::text AS column_name,
    format_type(attributes.atttypid, attributes.atttypmod) AS type_name
FROM unnest(string_to_array($1, ',')) AS wanted (table_name)
INNER JOIN pg_attribute AS attributes ON to_regclass(wanted.table_name) = attributes.attrelid
WHERE attributes.attnum > 0 AND NOT attributes.attisdropped AND attributes.attgenerated = ''
ORDER BY wanted.table_name, attributes.attnum;
