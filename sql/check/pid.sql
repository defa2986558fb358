-- Purpose: tell which process of the server serves this connection; called before its settings are the job's
-- In: none
-- Out: one row: pid
-- Params: $1 text, of no meaning: a statement with a parameter takes a round trip less
SELECT pg_catalog.pg_backend_pid()::pg_catalog.int8 AS pid
WHERE $1 IS NOT NULL;
