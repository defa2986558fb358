-- Purpose: let a record that was carried over take its new unique_id
-- In: pln_records, pln_cms
-- Out: pln_fields
-- Params: none
INSERT INTO pln_fields (seq, field, base, theirs, ours, verdict, is_written)
SELECT
    records.seq,
    'unique_id',
    cms.unique_id,
    cms.unique_id,
    records.unique_id,
    'carried_over',
    true
FROM pln_records AS records
INNER JOIN pln_cms AS cms ON records.record_table = cms.record_table AND records.record_id = cms.id
WHERE records.found_by = 'carried_over' AND records.action = 'compare';
