-- Purpose: when a record's floors change between one and several, remember that an editor deleted the row of a floor
-- In: pln_records, stg_keys, etl.tenants_base, pln_cms
-- Out: pln_records: base_unique_id names the deleted row's base, so that the row is not made again
-- Params: none
WITH candidates AS (
    SELECT
        records.seq,
        base.unique_id AS base_unique_id,
        CASE
            WHEN records.floor_id = base.floor_id THEN 1
            -- as in carry_over: a row without a floor goes on as the first copy, a record without one as any row
            WHEN records.floor_id IS NULL OR base.floor_id IS NULL THEN 2
        END AS floor_rank
    FROM pln_records AS records
    INNER JOIN etl.tenants_base AS base ON records.source_unique_id = base.source_unique_id
    WHERE
        records.found_by IS NULL
        AND records.base_unique_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM stg_keys AS keys WHERE keys.unique_id = base.unique_id)
        AND NOT EXISTS (
            SELECT 1 FROM pln_cms AS cms
            WHERE cms.record_table = base.record_table AND cms.id = base.record_id AND cms.unique_id = base.unique_id
        )
),

best_of_row AS (
    SELECT DISTINCT ON (base_unique_id)
        seq,
        base_unique_id,
        floor_rank
    FROM candidates
    WHERE floor_rank IS NOT NULL
    ORDER BY base_unique_id ASC, floor_rank ASC, seq ASC
),

best AS (
    SELECT DISTINCT ON (seq)
        seq,
        base_unique_id
    FROM best_of_row
    ORDER BY seq ASC, floor_rank ASC, base_unique_id COLLATE "C" ASC
)

UPDATE pln_records AS records
SET
    base_unique_id = best.base_unique_id,
    base_hash = NULL
FROM best
WHERE records.seq = best.seq;
