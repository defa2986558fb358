-- Purpose: find the runs that the CMS's screen shows as RUNNING and that are over
-- In: api_sync_logs, etl.sync_logs; rows of the earlier job are not in the second
-- Out: one row a run, newest first
-- Params: $1 int8: how many at most
SELECT shown.sync_id::text AS sync_id
FROM api_sync_logs AS shown
INNER JOIN etl.sync_logs AS logs ON shown.sync_id = logs.sync_id
WHERE shown.status::text = 'RUNNING' AND logs.status <> 'RUNNING'
ORDER BY logs.started_at DESC, logs.sync_id DESC
LIMIT $1;
