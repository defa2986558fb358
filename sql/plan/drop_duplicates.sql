-- Purpose: keep the last of the records that came more than once, and report the others
-- In: stg_keys
-- Out: stg_keys without the others, stg_issues
-- Params: none; `{{ repeated_ids }}` is repeated_ids.sql
WITH repeated AS (
    {{ repeated_ids }}
),

dropped AS (
    DELETE FROM stg_keys AS keys
    USING repeated
    WHERE keys.source_unique_id = repeated.source_unique_id AND keys.position < repeated.last_position
    RETURNING keys.source_unique_id, keys.position, repeated.last_position
)

INSERT INTO stg_issues (unique_id, severity, code, message)
SELECT DISTINCT
    source_unique_id,
    {{ severity_duplicate_record }},
    'duplicate_record',
    -- people count from 1
    format({{ words_duplicate_record }}, position + 1, last_position + 1)
FROM dropped
ORDER BY 1, 4;
