-- Purpose: read the findings that a sync would keep
-- In: stg_issues
-- Out: one row a finding
-- Params: none
SELECT
    unique_id,
    severity,
    code,
    field,
    message,
    value
FROM stg_issues;
