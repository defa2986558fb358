-- Purpose: count the changes of a run
-- In: etl.sync_changes
-- Out: one row: changes
-- Params: $1 text: its sync_id
SELECT count(*) AS changes
FROM etl.sync_changes
WHERE sync_id = $1;
