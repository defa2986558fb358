-- Purpose: count the tables of every schema but etl and the server's own, whoever may see them, to tell an empty database
-- In: pg_class, pg_namespace
-- Out: one row: tables
-- Params: none
SELECT count(*) AS tables
FROM pg_class AS classes
INNER JOIN pg_namespace AS namespaces ON classes.relnamespace = namespaces.oid
WHERE
    classes.relkind IN ('r', 'p', 'f')
    AND namespaces.nspname !~ '^pg_'
    AND namespaces.nspname NOT IN ('etl', 'information_schema');
