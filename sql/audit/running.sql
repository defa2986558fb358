-- Purpose: name the run that holds the lock
-- In: etl.sync_logs
-- Out: at most one row
-- Params: none
SELECT
    sync_id,
    to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') AS started_at
FROM etl.sync_logs
WHERE status = 'RUNNING'
ORDER BY started_at DESC
LIMIT 1;
