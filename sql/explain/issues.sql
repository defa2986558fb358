-- Purpose: read what runs found about a record
-- In: etl.sync_issues
-- Out: one row a finding
-- Params: $1 text: the record's ids as a JSON list; $2 text: the runs as a JSON list
SELECT
    sync_id,
    unique_id,
    severity,
    code,
    field,
    message,
    value
FROM etl.sync_issues
WHERE
    unique_id IN (SELECT jsonb_array_elements_text($1::text::jsonb))
    AND sync_id IN (SELECT jsonb_array_elements_text($2::text::jsonb))
ORDER BY id;
