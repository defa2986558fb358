-- Purpose: count the findings of a run that text for people leaves out
-- In: etl.sync_issues
-- Out: one row: infos
-- Params: $1 sync_id
SELECT count(*) AS infos
FROM etl.sync_issues
WHERE sync_id = $1 AND severity = 'info';
