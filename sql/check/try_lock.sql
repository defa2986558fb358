-- Purpose: take the lock that keeps syncs apart, until it is given up or the connection ends
-- In: none
-- Out: one row: is_locked
-- Params: $1 int8: the lock's key
SELECT pg_try_advisory_lock($1) AS is_locked;
