-- Purpose: read the figures of the last run that loaded a whole feed, of the source without a name as the only one
-- In: etl.sync_logs, etl.sync_sources
-- Out: at most one row
-- Params: none
SELECT
    sync_id,
    records_fetched,
    coalesce(unmapped_floors, 0) AS unmapped_floors,
    coalesce(unmapped_categories, 0) AS unmapped_categories
FROM etl.sync_logs AS logs
WHERE
    status IN ('COMPLETED', 'PARTIAL')
    AND command = 'sync'
    AND NOT (performance ? 'incomplete')
    AND NOT EXISTS (SELECT 1 FROM etl.sync_sources AS sources WHERE sources.sync_id = logs.sync_id)
ORDER BY started_at DESC, sync_id DESC
LIMIT 1;
