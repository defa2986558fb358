-- Purpose: keep which records were set INACTIVE because they left the source
-- In: pln_records
-- Out: etl.sync_changes
-- Params: $1 sync_id
INSERT INTO etl.sync_changes (sync_id, unique_id, record_table, record_id, action, before, after)
SELECT
    $1,
    unique_id,
    record_table,
    record_id,
    'inactivated',
    jsonb_build_object('status', reason),
    jsonb_build_object('status', 'INACTIVE')
FROM pln_records
WHERE action = 'inactivate'
ORDER BY unique_id;
