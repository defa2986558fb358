-- Purpose: read the findings of one run or of all
-- In: etl.sync_issues
-- Out: one row a finding, in the order in which they were written
-- Params: $1 text: sync_id, or null for all
SELECT
    sync_id,
    unique_id,
    severity,
    code,
    field,
    message,
    value
FROM etl.sync_issues
WHERE $1::text IS NULL OR sync_id = $1
ORDER BY id;
