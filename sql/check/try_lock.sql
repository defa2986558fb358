-- Purpose: take the lock that keeps syncs apart, for as long as the connection lives
-- In: none
-- Out: one row: is_locked
-- Params: $1 int8: the lock's key
SELECT pg_try_advisory_lock($1) AS is_locked;
