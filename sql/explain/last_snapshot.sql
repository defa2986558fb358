-- Purpose: name the snapshot of the latest run that loaded one of a source
-- In: etl.sync_logs
-- Out: at most one row: snapshot, sync_id
-- Params: $1 text: what the ids of the source begin with
SELECT
    snapshot,
    sync_id
FROM etl.sync_logs
WHERE
    command = 'sync'
    AND status IN ('COMPLETED', 'PARTIAL')
    AND id_prefix = $1
    AND snapshot IS NOT NULL
ORDER BY started_at DESC, sync_id DESC
LIMIT 1;
