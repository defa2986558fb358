-- Purpose: let the fields of records that the database refused stay
-- In: rbk_changes, rbk_fields
-- Out: rbk_fields
-- Params: none
UPDATE rbk_fields AS fields
SET
    verdict = 'stays',
    reason = 'refused'
FROM rbk_changes AS changes
WHERE
    fields.seq = changes.seq
    AND fields.verdict = 'back'
    AND changes.reason = 'refused';
