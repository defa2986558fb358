-- Purpose: show the latest run
-- In: none
-- Out: a view
-- Params: none
CREATE VIEW etl.latest_sync AS
SELECT *
FROM etl.sync_logs
ORDER BY started_at DESC, sync_id DESC
LIMIT 1;
