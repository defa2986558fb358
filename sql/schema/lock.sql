-- Purpose: let one `etl init` of the database go on at a time, until the transaction ends
-- In: none
-- Out: one row: locked
-- Params: $1 int8: the lock's key
SELECT pg_advisory_xact_lock($1)::text AS locked;
