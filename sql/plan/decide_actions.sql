-- Purpose: decide what each record needs: a new row, a comparison, or to be left alone
-- In: pln_records, pln_cms
-- Out: pln_records
-- Params: $1 bool: make a row again that is gone from the CMS
UPDATE pln_records AS records
SET
    action = CASE
        WHEN cms.id IS NULL AND (planned.base_unique_id IS NULL OR $1::bool) THEN 'create'
        WHEN cms.id IS NULL OR cms.skip_sync THEN 'skip'
        ELSE 'compare'
    END,
    reason = CASE
        WHEN cms.id IS NULL AND planned.base_unique_id IS NOT NULL AND NOT $1::bool THEN 'deleted_in_cms'
        WHEN cms.skip_sync THEN 'skip_sync'
    END
FROM pln_records AS planned
LEFT JOIN pln_cms AS cms ON planned.record_table = cms.record_table AND planned.record_id = cms.id
WHERE records.seq = planned.seq;
