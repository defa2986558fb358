-- Purpose: name the snapshot of the latest run that loaded one
-- In: etl.sync_logs
-- Out: at most one row: snapshot, sync_id
-- Params: none
SELECT
    snapshot,
    sync_id
FROM etl.sync_logs
WHERE command = 'sync' AND status IN ('COMPLETED', 'PARTIAL') AND snapshot IS NOT NULL
ORDER BY started_at DESC, sync_id DESC
LIMIT 1;
