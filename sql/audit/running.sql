-- Purpose: name the run of a source that holds its lock
-- In: etl.sync_logs
-- Out: at most one row
-- Params: $1 text: what the ids of the source begin with
SELECT
    sync_id,
    to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') AS started_at
FROM etl.sync_logs
WHERE status = 'RUNNING' AND id_prefix = $1
ORDER BY started_at DESC
LIMIT 1;
