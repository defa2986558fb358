-- Purpose: read the time that this run's rows get, as precise as the CMS keeps it
-- In: none
-- Out: one row: applied_at as text, UTC
-- Params: none
SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS applied_at;
