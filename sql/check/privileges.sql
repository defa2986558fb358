-- Purpose: find rights that the role does not have
-- In: the CMS's and the job's tables, and the sequences behind their ids
-- Out: one row a missing right
-- Params: $1 text: table and right, as `shops:INSERT`, joined by commas
WITH wanted AS (
    SELECT
        split_part(pair, ':', 1) AS table_name,
        split_part(pair, ':', 2) AS privilege
    FROM unnest(string_to_array($1, ',')) AS pairs (pair)
),

present AS (
    SELECT
        wanted.table_name,
        wanted.privilege,
        CASE WHEN ids.attname IS NOT NULL THEN pg_get_serial_sequence(wanted.table_name, 'id') END AS sequence_name
    FROM wanted
    LEFT JOIN pg_attribute AS ids
        -- an identity column asks for no right on its sequence
        ON to_regclass(wanted.table_name) = ids.attrelid AND ids.attname = 'id' AND ids.attidentity = ''
    WHERE to_regclass(wanted.table_name) IS NOT NULL
)

SELECT
    table_name,
    privilege
FROM present
WHERE NOT has_table_privilege(table_name, privilege)
UNION ALL
SELECT
    split_part(sequence_name, '.', 2),
    'USAGE'
FROM present
WHERE privilege = 'INSERT' AND sequence_name IS NOT NULL AND NOT has_sequence_privilege(sequence_name, 'USAGE')
ORDER BY table_name, privilege;
