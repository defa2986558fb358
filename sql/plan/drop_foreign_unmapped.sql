-- Purpose: drop findings about the category of a kind whose table the record does not live in
-- In: pln_records, stg_issues
-- Out: stg_issues
-- Params: none
DELETE FROM stg_issues AS issues
USING pln_records AS records
WHERE
    issues.code IN ('unmapped_category', 'english_label_unmatched')
    AND issues.unique_id = records.source_unique_id
    AND records.record_table <> records.kind;
