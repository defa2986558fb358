-- Purpose: read the findings of a run
-- In: etl.sync_issues
-- Out: one row a finding
-- Params: $1 sync_id, $2 int8: how many, $3 bool: those of severity info too
SELECT
    unique_id,
    severity,
    code,
    field,
    message,
    value
FROM etl.sync_issues
WHERE sync_id = $1 AND ($3::bool OR severity <> 'info')
ORDER BY severity <> 'error' ASC, severity = 'info' ASC, id ASC
LIMIT $2;
