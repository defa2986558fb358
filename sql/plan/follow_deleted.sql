-- Purpose: when a record's floors change between one and several, remember that an editor deleted the row of a floor
-- In: pln_records, stg_keys, etl.tenants_base, pln_cms
-- Out: pln_records: base_unique_id names the deleted row's base, so that the row is not made again
-- Params: none
UPDATE pln_records AS records
SET
    base_unique_id = base.unique_id,
    base_hash = NULL
FROM etl.tenants_base AS base
WHERE
    records.found_by IS NULL
    AND records.base_unique_id IS NULL
    AND records.source_unique_id = base.source_unique_id
    AND records.floor_id = base.floor_id
    AND NOT EXISTS (SELECT 1 FROM stg_keys AS keys WHERE keys.unique_id = base.unique_id)
    AND NOT EXISTS (
        SELECT 1 FROM pln_cms AS cms
        WHERE cms.record_table = base.record_table AND cms.id = base.record_id AND cms.unique_id = base.unique_id
    );
