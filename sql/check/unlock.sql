-- Purpose: give up the lock that keeps syncs apart, however often this session took it, and any other advisory lock of it
-- In: none
-- Out: one row, of no meaning
-- Params: none
SELECT pg_advisory_unlock_all()::text AS unlocked;
