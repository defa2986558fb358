-- Purpose: list the columns of a temporary table that a saved plan keeps
-- In: the catalogue
-- Out: one row a column, in order: name, type
-- Params: $1 text: the table
SELECT
    attribute.attname::text AS name,
    format_type(attribute.atttypid, attribute.atttypmod) AS type
FROM pg_attribute AS attribute
WHERE
    attribute.attrelid = ('pg_temp.' || $1)::regclass
    AND attribute.attnum > 0
    AND NOT attribute.attisdropped
    AND attribute.attidentity = ''
ORDER BY attribute.attnum;
