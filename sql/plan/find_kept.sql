-- Purpose: for each record whose floor label was not understood, list the rows that it has: they stay, whatever was staged
-- In: stg_keys, etl.tenants_base, pln_cms, floors
-- Out: pln_kept
-- Params: none
INSERT INTO pln_kept (
    seq, from_seq, unique_id, source_unique_id, floor_id, record_table, record_id, source_hash, is_staged, is_held
)
WITH doubted AS (
    SELECT
        source_unique_id,
        min(seq) AS from_seq
    FROM stg_keys
    WHERE NOT floor_is_understood
    GROUP BY source_unique_id
),

known AS (
    SELECT
        doubted.source_unique_id,
        doubted.from_seq,
        base.unique_id,
        base.floor_id,
        base.record_table,
        base.record_id,
        base.source_hash,
        -- those that the source had last; a row that left it before, by a label that was understood, is gone.
        -- Rows that an editor deleted stay deleted
        rank() OVER (
            PARTITION BY base.source_unique_id, cms.id IS NULL ORDER BY base.missing_since DESC NULLS FIRST
        ) = 1
        AND (cms.id IS NOT NULL OR base.missing_since IS NULL) AS is_had
    FROM doubted
    INNER JOIN etl.tenants_base AS base ON doubted.source_unique_id = base.source_unique_id
    LEFT JOIN pln_cms AS cms
        ON base.record_table = cms.record_table AND base.record_id = cms.id AND base.unique_id = cms.unique_id
),

endings AS (
    SELECT '' AS ending
    UNION
    SELECT '-' || trim(name) AS ending
    FROM floors
),

-- rows of the earlier job, on first contact, are known by their ids alone
unknown AS MATERIALIZED (
    SELECT
        doubted.source_unique_id,
        doubted.from_seq
    FROM doubted
    LEFT JOIN etl.tenants_base AS base ON doubted.source_unique_id = base.source_unique_id
    WHERE base.unique_id IS NULL
),

met AS (
    SELECT DISTINCT ON (cms.unique_id)
        unknown.source_unique_id,
        unknown.from_seq,
        cms.unique_id,
        NULL::int4 AS floor_id,
        cms.record_table,
        cms.id AS record_id,
        NULL::int8 AS source_hash
    FROM unknown
    CROSS JOIN endings
    INNER JOIN pln_cms AS cms ON unknown.source_unique_id || endings.ending = cms.unique_id
    LEFT JOIN etl.tenants_base AS owner ON cms.unique_id = owner.unique_id
    WHERE owner.unique_id IS NULL
    ORDER BY cms.unique_id ASC, coalesce(cms.status = 'ACTIVE', FALSE) DESC, cms.id ASC, cms.record_table ASC
)

SELECT
    coalesce(keys.seq, ends.last_seq + row_number() OVER (ORDER BY had.from_seq ASC, had.unique_id ASC)),
    had.from_seq,
    had.unique_id,
    had.source_unique_id,
    floors.id,
    had.record_table,
    had.record_id,
    had.source_hash,
    keys.seq IS NOT NULL,
    keys.seq IS NULL OR coalesce(keys.floor_id, 0) <> coalesce(floors.id, 0)
FROM (
    SELECT source_unique_id, from_seq, unique_id, floor_id, record_table, record_id, source_hash
    FROM known
    WHERE is_had
    UNION ALL
    SELECT source_unique_id, from_seq, unique_id, floor_id, record_table, record_id, source_hash
    FROM met
) AS had
CROSS JOIN (SELECT max(stg_keys.seq) AS last_seq FROM stg_keys) AS ends
LEFT JOIN stg_keys AS keys
    ON had.unique_id = keys.unique_id AND had.source_unique_id = keys.source_unique_id
LEFT JOIN floors ON had.floor_id = floors.id AND coalesce(floors.status::text, 'ACTIVE') <> 'INACTIVE';
