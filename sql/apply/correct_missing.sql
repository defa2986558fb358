-- Purpose: take back that a row was set INACTIVE where an editor came first
-- In: pln_records, stg_issues
-- Out: stg_issues
-- Params: none
UPDATE stg_issues AS issues
SET message = {{ words_missing_edited }}
FROM pln_records AS records
WHERE
    records.action = 'missing'
    AND records.reason = 'edited_meanwhile'
    AND issues.code = 'missing'
    AND issues.unique_id = records.unique_id
    AND issues.value = records.record_table || ' ' || records.record_id;
