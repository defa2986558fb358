-- Purpose: take back that a row was set INACTIVE where an editor came first
-- In: pln_records, stg_issues
-- Out: stg_issues
-- Params: none
UPDATE stg_issues AS issues
SET message = 'The record is no longer in the source; an editor changed its row during the run, so it stays as it is.'
FROM pln_records AS records
WHERE
    records.action = 'missing'
    AND issues.code = 'missing'
    AND issues.unique_id = records.unique_id
    AND issues.value = records.record_table || ' ' || records.record_id
    AND issues.message LIKE '%was set INACTIVE.';
