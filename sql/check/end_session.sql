-- Purpose: end an earlier session of this job that the server still keeps; another's is left alone
-- In: pg_stat_activity
-- Out: one row: ended, how many were told to end
-- Params: $1 int8: its pid, $2 text: when it started, as check/set_session says
SELECT count(pg_terminate_backend(pid)) AS ended
FROM pg_stat_activity
WHERE pid::int8 = $1 AND backend_start::text = $2 AND usename = current_user;
