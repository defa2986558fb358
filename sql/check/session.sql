-- Purpose: name this session, so that a later one can end it
-- In: pg_stat_activity
-- Out: one row: pid, started (text, exact)
-- Params: none
SELECT
    pid::int8 AS pid,
    backend_start::text AS started
FROM pg_stat_activity
WHERE pid = pg_backend_pid();
