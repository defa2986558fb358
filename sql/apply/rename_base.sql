-- Purpose: let the base of a carried-over record take its new unique_id
-- In: pln_records
-- Out: etl.tenants_base
-- Params: none
UPDATE etl.tenants_base AS base
SET unique_id = records.unique_id
FROM pln_records AS records
WHERE
    records.action = 'update'
    AND records.found_by = 'carried_over'
    AND base.unique_id = records.base_unique_id;
