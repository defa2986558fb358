-- Purpose: reject copies for one of several floors whose id is another record's
-- In: stg_keys, etl.tenants_base
-- Out: stg_keys without the copies, stg_issues
-- Params: none; `{{ taken_ids }}` is taken_ids.sql
WITH taken AS (
    {{ taken_ids }}
),

rejected AS (
    DELETE FROM stg_keys AS keys
    USING taken
    WHERE keys.seq = taken.seq
    RETURNING keys.seq, keys.unique_id, keys.source_unique_id
)

INSERT INTO stg_issues (unique_id, severity, code, field, message, value)
SELECT
    source_unique_id,
    {{ severity_derived_id_taken }},
    'derived_id_taken',
    'unique_id',
    format({{ words_derived_id_taken }}, source_unique_id, unique_id),
    unique_id
FROM rejected
ORDER BY seq;
