-- Purpose: take the lock that keeps runs of one source apart, until it is given up or the connection ends
-- In: none
-- Out: one row: is_locked
-- Params: $1 text: what the ids of the source begin with
SELECT pg_try_advisory_lock(hashtextextended('iconsiam-etl source ' || $1, 0)) AS is_locked;
