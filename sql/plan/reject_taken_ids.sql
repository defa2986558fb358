-- Purpose: reject copies for one of several floors whose id is another record's
-- In: stg_keys, etl.tenants_base
-- Out: stg_keys without the copies, stg_issues
-- Params: none
WITH doubled AS (
    SELECT unique_id
    FROM stg_keys
    GROUP BY unique_id
    HAVING count(*) > 1
),

shared AS (
    SELECT
        keys.unique_id,
        min(keys.seq) FILTER (WHERE NOT keys.derived) AS own_seq,
        min(keys.seq) FILTER (WHERE keys.source_unique_id = base.source_unique_id) AS earlier_seq,
        min(keys.seq) AS first_seq
    FROM doubled
    INNER JOIN stg_keys AS keys ON doubled.unique_id = keys.unique_id
    LEFT JOIN etl.tenants_base AS base ON keys.unique_id = base.unique_id
    GROUP BY keys.unique_id
),

taken AS (
    SELECT keys.seq
    FROM stg_keys AS keys
    INNER JOIN shared ON keys.unique_id = shared.unique_id
    WHERE keys.seq <> coalesce(shared.own_seq, shared.earlier_seq, shared.first_seq)
    UNION
    SELECT keys.seq
    FROM stg_keys AS keys
    INNER JOIN etl.tenants_base AS base ON keys.unique_id = base.unique_id
    WHERE keys.derived AND base.source_unique_id <> keys.source_unique_id
    UNION
    -- a record that is split itself has no row under its own id, and still owns it
    SELECT keys.seq
    FROM stg_keys AS keys
    INNER JOIN stg_keys AS own ON keys.unique_id = own.source_unique_id
    WHERE keys.derived
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
