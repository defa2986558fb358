-- Purpose: tell whether a run is over and its work stands
-- In: etl.sync_logs
-- Out: one row: is_done
-- Params: $1 sync_id
SELECT count(*) > 0 AS is_done
FROM etl.sync_logs
WHERE sync_id = $1 AND status IN ('COMPLETED', 'PARTIAL');
