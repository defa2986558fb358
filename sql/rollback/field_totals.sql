-- Purpose: count the fields of updated records, by what becomes of them
-- In: rbk_fields, rbk_changes
-- Out: one row a verdict
-- Params: none
SELECT
    fields.verdict,
    count(*) AS fields
FROM rbk_fields AS fields
INNER JOIN rbk_changes AS changes ON fields.seq = changes.seq
WHERE changes.was NOT IN ('created', 'restored')
GROUP BY 1;
