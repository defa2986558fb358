-- Purpose: give back the lock that keeps syncs apart
-- In: none
-- Out: one row
-- Params: $1 int8: the lock's key
SELECT pg_advisory_unlock($1) AS was_locked;
