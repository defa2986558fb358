-- Purpose: note what the source has no more of a record though the last sync had it: the CMS keeps it
-- In: pln_records, stg_tenants, etl.tenants_base
-- Out: pln_records.kept_blank
-- Params: none; `{{ table }}` is shops or dinings, `{{ names }}` the contract's: the names of such fields, joined
UPDATE pln_records AS records
SET
    -- what is staged of a record that did not change comes from the base, where a blank leaves the value
    kept_blank = CASE WHEN records.source_hash = base.source_hash THEN base.kept_blank ELSE nullif({{ names }}, '') END
FROM stg_tenants AS staged, etl.tenants_base AS base
WHERE
    records.action = 'compare'
    AND records.record_table = '{{ table }}'
    AND records.seq = staged.seq
    AND records.base_unique_id = base.unique_id;
