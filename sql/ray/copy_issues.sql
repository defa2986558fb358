-- Purpose: put the findings that several processes staged into the run's own list, in the order of the feed
-- In: etl.<run>_issues
-- Out: stg_issues
-- Params: none; `{{ run }}` is made of the run's id
INSERT INTO stg_issues (unique_id, severity, code, field, message, value)
SELECT
    unique_id,
    severity,
    code,
    field,
    message,
    value
FROM etl.{{ run }}_issues
ORDER BY shard, ordinal;
