-- Purpose: list the rollbacks that were done, with the run that each rolled back
-- In: etl.sync_logs
-- Out: one row a rollback, newest first
-- Params: none
SELECT
    sync_id,
    options ->> 'of' AS rolled_back,
    status
FROM etl.sync_logs
WHERE command = 'rollback' AND status IN ('COMPLETED', 'PARTIAL')
ORDER BY started_at DESC, sync_id DESC;
