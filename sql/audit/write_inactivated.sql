-- Purpose: keep which records were set INACTIVE because they left the source
-- In: pln_records, pln_cms
-- Out: etl.sync_changes
-- Params: $1 sync_id
INSERT INTO etl.sync_changes (sync_id, unique_id, record_table, record_id, action, before, after, written_at)
SELECT
    $1,
    records.unique_id,
    records.record_table,
    records.record_id,
    'inactivated',
    jsonb_build_object('status', records.reason),
    jsonb_build_object('status', 'INACTIVE'),
    cms.updated_at
FROM pln_records AS records
INNER JOIN pln_cms AS cms ON records.record_table = cms.record_table AND records.record_id = cms.id
WHERE records.action = 'inactivate'
ORDER BY records.unique_id;
