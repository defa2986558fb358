-- Purpose: read the address of the last run of the source without a name, where that was the only one
-- In: etl.sync_logs, etl.sync_sources
-- Out: at most one row
-- Params: none
SELECT external_api_url
FROM etl.sync_logs AS logs
WHERE
    status IN ('COMPLETED', 'PARTIAL')
    AND command = 'sync'
    AND external_api_url IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM etl.sync_sources AS sources WHERE sources.sync_id = logs.sync_id)
ORDER BY started_at DESC, sync_id DESC
LIMIT 1;
