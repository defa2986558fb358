-- Purpose: keep the findings of the run
-- In: stg_issues
-- Out: etl.sync_issues
-- Params: $1 sync_id
INSERT INTO etl.sync_issues (sync_id, unique_id, severity, code, field, message, value)
SELECT
    $1,
    unique_id,
    severity,
    code,
    field,
    message,
    value
FROM stg_issues
ORDER BY ordinal;
