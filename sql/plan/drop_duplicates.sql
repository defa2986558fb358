-- Purpose: keep the last of the records that came more than once, and report the others
-- In: stg_keys
-- Out: stg_keys without the others, stg_issues
-- Params: none
WITH doubled AS (
    SELECT
        source_unique_id,
        max(position) AS last_position
    FROM stg_keys
    GROUP BY source_unique_id
    HAVING min(position) <> max(position)
),

dropped AS (
    DELETE FROM stg_keys AS keys
    USING doubled
    WHERE keys.source_unique_id = doubled.source_unique_id AND keys.position < doubled.last_position
    RETURNING keys.source_unique_id, keys.position, doubled.last_position
)

INSERT INTO stg_issues (unique_id, severity, code, message)
SELECT DISTINCT
    source_unique_id,
    {{ severity_duplicate_record }},
    'duplicate_record',
    format({{ words_duplicate_record }}, position, last_position)
FROM dropped
ORDER BY 1, 4;
