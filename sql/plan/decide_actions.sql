-- Purpose: decide what each record needs: a new row, a comparison, or to be left alone
-- In: pln_records, pln_cms, pln_trash, etl.tenants_base, stg_tenants
-- Out: pln_records
-- Params: $1 bool: make a row again that is gone from the CMS
-- A row that an editor deleted is not made again, unless it was in the wrong table: then the record is made in the right one. It
-- was, where the last sync that saw it says so; or where no sync has missed it yet and the source says so now. What is in the
-- CMS's trash an editor deleted, whether a sync knew it or not, and only an editor brings it back.
UPDATE pln_records AS records
SET
    action = CASE
        WHEN cms.id IS NULL AND elsewhere.is_so THEN 'create'
        WHEN cms.id IS NULL AND trash.is_there THEN 'skip'
        WHEN cms.id IS NULL AND (base.unique_id IS NULL OR $1::bool) THEN 'create'
        WHEN cms.id IS NULL OR cms.skip_sync THEN 'skip'
        ELSE 'compare'
    END,
    reason = CASE
        WHEN cms.id IS NULL AND elsewhere.is_so THEN 'other_kind'
        WHEN cms.id IS NULL AND trash.is_there THEN 'in_trash'
        WHEN cms.id IS NULL AND base.unique_id IS NOT NULL AND NOT $1::bool THEN 'deleted_in_cms'
        WHEN cms.skip_sync THEN 'skip_sync'
    END
FROM pln_records AS planned
LEFT JOIN pln_cms AS cms ON planned.record_table = cms.record_table AND planned.record_id = cms.id
LEFT JOIN etl.tenants_base AS base ON planned.base_unique_id = base.unique_id
CROSS JOIN LATERAL (
    SELECT
        planned.kind <> base.record_table
        -- a label that says nothing does not say that the kind has changed
        AND planned.kind_rule NOT IN ('default', 'blank')
        AND (base.kind = planned.kind OR base.vanished_since IS NULL)
        -- not a row that is only kept, as the record's floor is in doubt: of that one no values came
        AND planned.seq IN (SELECT staged.seq FROM stg_tenants AS staged)
        AS is_so
) AS elsewhere
CROSS JOIN LATERAL (
    SELECT
        base.unique_id IN (SELECT trashed.unique_id FROM pln_trash AS trashed)
        OR (planned.unique_id, planned.kind) IN (SELECT trashed.unique_id, trashed.record_table FROM pln_trash AS trashed)
        OR (
            -- first contact: a row of the other kind in the trash is a record in the wrong table, where a label says so
            planned.kind_rule IN ('default', 'blank')
            AND planned.unique_id IN (SELECT trashed.unique_id FROM pln_trash AS trashed)
        )
        AS is_there
) AS trash
WHERE records.seq = planned.seq;
