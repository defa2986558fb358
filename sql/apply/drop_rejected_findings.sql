-- Purpose: take back what was said of records that the database refused: nothing was resolved or written
-- In: pln_records, stg_issues
-- Out: stg_issues
-- Params: none
DELETE FROM stg_issues AS issues
USING pln_records AS records
WHERE
    records.action = 'reject'
    AND issues.unique_id = records.unique_id
    AND issues.code IN ('conflict', 'kind_changed', 'id_reassigned', 'returned', 'live_row_left', 'missing',
        'in_an_editors_draft');
