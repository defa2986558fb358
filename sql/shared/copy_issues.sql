-- Purpose: put the findings that several processes staged of a source into the run's own list, in the order of its feed
-- In: etl.<run>_issues
-- Out: stg_issues
-- Params: $1, $2 int4: first and last shard of the source; $3 text: what its ids begin with; `{{ run }}` is made of the run's id
INSERT INTO stg_issues (unique_id, id_prefix, severity, code, field, message, value)
SELECT
    unique_id,
    $3,
    severity,
    code,
    field,
    message,
    value
FROM etl.{{ run }}_issues
WHERE shard BETWEEN $1 AND $2
ORDER BY shard, ordinal;
