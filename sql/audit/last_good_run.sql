-- Purpose: read the figures of the last run that loaded a whole feed
-- In: etl.sync_logs
-- Out: at most one row
-- Params: none
SELECT
    sync_id,
    records_fetched,
    coalesce(unmapped_floors, 0) AS unmapped_floors,
    coalesce(unmapped_categories, 0) AS unmapped_categories
FROM etl.sync_logs
WHERE status IN ('COMPLETED', 'PARTIAL') AND command = 'sync' AND NOT (performance ? 'incomplete')
ORDER BY started_at DESC, sync_id DESC
LIMIT 1;
