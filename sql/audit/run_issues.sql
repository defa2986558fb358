-- Purpose: read the findings of a run
-- In: etl.sync_issues
-- Out: one row a finding
-- Params: $1 sync_id, $2 int8: how many
SELECT
    unique_id,
    severity,
    code,
    field,
    message,
    value
FROM etl.sync_issues
WHERE sync_id = $1
ORDER BY severity ASC, id ASC
LIMIT $2;
