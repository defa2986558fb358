-- Purpose: when a record's floors change between one and several, give it the row whose floor is still among them
-- In: pln_records, stg_keys, pln_cms, etl.tenants_base, floors
-- Out: pln_records
-- Params: none
WITH earlier_ids AS (
    -- rows that this job made for the same record
    SELECT
        records.seq,
        records.floor_id,
        base.unique_id AS earlier_id,
        base.unique_id AS base_unique_id,
        base.floor_id AS base_floor_id
    FROM pln_records AS records
    INNER JOIN etl.tenants_base AS base ON records.source_unique_id = base.source_unique_id
    WHERE records.found_by IS NULL AND records.base_unique_id IS NULL
    UNION ALL
    -- first contact with rows of the earlier job: one floor before, several now
    SELECT
        records.seq,
        records.floor_id,
        records.source_unique_id,
        NULL,
        NULL
    FROM pln_records AS records
    WHERE records.found_by IS NULL AND records.base_unique_id IS NULL AND records.derived
    UNION ALL
    -- several floors before, one now
    SELECT
        records.seq,
        records.floor_id,
        records.source_unique_id || '-' || trim(floors.name),
        NULL,
        NULL
    FROM pln_records AS records
    CROSS JOIN floors
    WHERE records.found_by IS NULL AND records.base_unique_id IS NULL
),

candidates AS (
    SELECT
        ids.seq,
        ids.base_unique_id,
        cms.record_table,
        cms.id,
        coalesce(cms.status = 'ACTIVE', FALSE) AS is_active,
        CASE
            WHEN cms.floor_id = ids.floor_id THEN 1
            WHEN ids.base_floor_id = ids.floor_id THEN 2
            WHEN ids.floor_id IS NULL OR coalesce(cms.floor_id, ids.base_floor_id) IS NULL THEN 3
        END AS floor_rank
    FROM earlier_ids AS ids
    INNER JOIN pln_cms AS cms ON ids.earlier_id = cms.unique_id
    LEFT JOIN stg_keys AS keys ON ids.earlier_id = keys.unique_id
    LEFT JOIN etl.tenants_base AS owner ON ids.earlier_id = owner.unique_id
    WHERE
        keys.unique_id IS NULL
        -- first contact only with rows that no base entry speaks for
        AND (ids.base_unique_id IS NOT NULL OR owner.unique_id IS NULL)
        AND (owner.unique_id IS NULL OR (owner.record_table = cms.record_table AND owner.record_id = cms.id))
),

best_of_row AS (
    SELECT DISTINCT ON (record_table, id)
        seq,
        base_unique_id,
        record_table,
        id,
        is_active,
        floor_rank
    FROM candidates
    WHERE floor_rank IS NOT NULL
    ORDER BY record_table ASC, id ASC, floor_rank ASC, base_unique_id IS NULL ASC, seq ASC
),

best AS (
    SELECT DISTINCT ON (seq)
        seq,
        base_unique_id,
        record_table,
        id
    FROM best_of_row
    ORDER BY seq ASC, floor_rank ASC, base_unique_id IS NULL ASC, is_active DESC, id ASC, record_table ASC
)

UPDATE pln_records AS records
SET
    found_by = 'carried_over',
    record_table = best.record_table,
    record_id = best.id,
    base_unique_id = best.base_unique_id,
    base_hash = NULL
FROM best
WHERE records.seq = best.seq;
