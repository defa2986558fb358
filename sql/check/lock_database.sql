-- Purpose: take the lock that keeps transactions of runs apart, whatever their source, until this one ends
-- In: none
-- Out: one row: is_locked
-- Params: $1 int8: the lock's key
SELECT pg_try_advisory_xact_lock($1) AS is_locked;
