-- Purpose: find rights that the role lacks
-- In: the CMS's and the job's tables
-- Out: one row a missing right
-- Params: $1, $2 text: tables to write and tables to read, joined by commas
SELECT
    wanted.table_name,
    wanted.privilege
FROM (
    SELECT
        table_name,
        privilege
    FROM unnest(string_to_array($1, ',')) AS wanted_tables (table_name)
    CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privileges (privilege)
    UNION ALL
    SELECT
        table_name,
        'SELECT'
    FROM unnest(string_to_array($2, ',')) AS read_tables (table_name)
) AS wanted
WHERE to_regclass(wanted.table_name) IS NOT NULL AND NOT has_table_privilege(wanted.table_name, wanted.privilege)
ORDER BY wanted.table_name, wanted.privilege;
