-- Purpose: set no row INACTIVE whose record is still in the source and may be on its floor
-- In: pln_records, stg_keys, pln_cms
-- Out: pln_records
-- Params: none
UPDATE pln_records AS records
SET action = 'missing'
FROM stg_keys AS keys, pln_cms AS cms
WHERE
    records.action = 'inactivate'
    AND keys.source_unique_id = records.source_unique_id
    AND cms.record_table = records.record_table
    AND cms.id = records.record_id
    -- no label was understood; or the record goes on in an earlier row, on this row's floor: live_row_left
    AND (NOT keys.floor_is_understood OR keys.floor_id = cms.floor_id);
