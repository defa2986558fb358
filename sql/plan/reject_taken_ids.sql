-- Purpose: reject copies for one of several floors whose id is another record's
-- In: stg_keys, stg_rejected, stg_issues, etl.tenants_base, pln_cms
-- Out: stg_keys without the copies, stg_issues
-- Params: $1 bool: the feed is whole, so that who is not in it has left; `{{ taken_ids }}` is taken_ids.sql
WITH claimed AS MATERIALIZED (
    SELECT
        base.unique_id,
        base.source_unique_id,
        base.record_table,
        base.record_id
    FROM stg_keys AS keys
    INNER JOIN etl.tenants_base AS base ON keys.unique_id = base.unique_id
    WHERE keys.derived AND base.source_unique_id <> keys.source_unique_id
),

owners AS (
    -- an id is free again once its owner has left, and the owner's row is gone or INACTIVE
    SELECT DISTINCT
        base.unique_id,
        base.source_unique_id
    FROM claimed AS base
    LEFT JOIN pln_cms AS cms
        ON base.record_table = cms.record_table AND base.record_id = cms.id AND base.unique_id = cms.unique_id
    LEFT JOIN stg_keys AS own ON base.source_unique_id = own.source_unique_id
    LEFT JOIN stg_rejected AS rejected ON base.source_unique_id = rejected.unique_id
    WHERE
        own.seq IS NOT NULL
        OR rejected.unique_id IS NOT NULL
        OR (cms.id IS NOT NULL AND coalesce(cms.status, 'ACTIVE') <> 'INACTIVE')
        OR NOT $1::bool
        OR EXISTS (SELECT 1 FROM stg_issues AS nameless WHERE nameless.code = 'missing_unique_id')
),

taken AS (
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
