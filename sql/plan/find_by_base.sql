-- Purpose: list the records that are not plainly unchanged, each with the CMS row that the base names
-- In: stg_keys, etl.tenants_base, pln_cms
-- Out: pln_records
-- Params: none
INSERT INTO pln_records (
    seq, unique_id, source_unique_id, kind, kind_rule, floor_id, derived, source_hash,
    base_unique_id, base_hash, found_by, record_table, record_id
)
SELECT
    keys.seq,
    keys.unique_id,
    keys.source_unique_id,
    keys.kind,
    keys.kind_rule,
    keys.floor_id,
    keys.derived,
    keys.source_hash,
    -- where a copy has the id of a record that has left, whose row is gone, nobody deleted the copy's row
    CASE
        WHEN cms.id IS NOT NULL OR NOT keys.derived OR keys.source_unique_id = base.source_unique_id THEN base.unique_id
    END,
    base.source_hash,
    CASE WHEN cms.id IS NOT NULL THEN 'base' END,
    cms.record_table,
    cms.id
FROM stg_keys AS keys
LEFT JOIN etl.tenants_base AS base ON keys.unique_id = base.unique_id
LEFT JOIN pln_cms AS cms
    ON
        base.record_table = cms.record_table
        AND base.record_id = cms.id
        -- ids are only as good as the last restore of the CMS: the row must still say whose it is
        AND base.unique_id = cms.unique_id
WHERE
    cms.id IS NULL
    OR base.source_hash <> keys.source_hash
    OR cms.record_table <> keys.kind
    OR cms.skip_sync
    OR base.missing_since IS NOT NULL
    OR cms.updated_at IS DISTINCT FROM base.record_updated_at
ORDER BY keys.seq;
