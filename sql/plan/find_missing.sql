-- Purpose: list the records of this source that are in the CMS and no longer in the source
-- In: etl.tenants_base, pln_cms, stg_keys, stg_rejected, pln_records
-- Out: pln_records; one row: how many there are
-- Params: $1 text: what to do with them, keep or inactivate; $2 text: what the ids of the source begin with;
-- $3 text: what those of other sources begin with, as a JSON list
WITH missing AS (
    INSERT INTO pln_records (
        seq, unique_id, source_unique_id, base_unique_id, found_by, record_table, record_id, action, reason
    )
    SELECT
        (SELECT coalesce(max(keys.seq), 0) FROM stg_keys AS keys)
        + row_number() OVER (ORDER BY cms.unique_id, cms.record_table, cms.id),
        cms.unique_id,
        coalesce(base.source_unique_id, cms.unique_id),
        base.unique_id,
        CASE WHEN base.unique_id IS NULL THEN 'unique_id' ELSE 'base' END,
        cms.record_table,
        cms.id,
        CASE
            WHEN
                $1 = 'inactivate'
                AND base.unique_id IS NOT NULL
                AND base.inactivated_at IS NULL
                AND NOT cms.skip_sync
                -- the other states are an editor's own word
                AND cms.status IN ('ACTIVE', 'COMING_SOON')
                THEN 'inactivate'
            ELSE 'missing'
        END,
        cms.status
    FROM pln_cms AS cms
    LEFT JOIN etl.tenants_base AS base
        ON cms.unique_id = base.unique_id AND cms.record_table = base.record_table AND cms.id = base.record_id
    WHERE
        cms.unique_id IS NOT NULL
        AND cms.unique_id <> ''
        AND (
            left(cms.unique_id, strpos(cms.unique_id, ':')) = $2
            -- an id without a known prefix is the nameless source's
            OR ($2 = '' AND NOT $3::text::jsonb ? left(cms.unique_id, strpos(cms.unique_id, ':')))
        )
        AND NOT EXISTS (SELECT 1 FROM stg_keys AS keys WHERE keys.unique_id = cms.unique_id)
        AND NOT EXISTS (
            SELECT 1 FROM stg_rejected AS rejected
            WHERE rejected.unique_id = coalesce(base.source_unique_id, cms.unique_id)
        )
        AND NOT EXISTS (
            SELECT 1 FROM pln_records AS records
            WHERE records.record_table = cms.record_table AND records.record_id = cms.id
        )
    ORDER BY cms.unique_id, cms.record_table, cms.id
    RETURNING 1
)

SELECT count(*) AS records
FROM missing;
