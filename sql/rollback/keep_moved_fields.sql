-- Purpose: let the fields of moved records that stay, stay
-- In: rbk_changes, rbk_fields, rbk_back
-- Out: rbk_fields, rbk_back
-- Params: none
WITH kept AS (
    DELETE FROM rbk_back AS back
    USING rbk_changes AS changes
    WHERE back.seq = changes.seq AND changes.reason = 'moved'
    RETURNING back.seq
)

UPDATE rbk_fields AS fields
SET
    verdict = 'stays',
    reason = 'moved'
FROM kept
WHERE fields.seq = kept.seq AND fields.verdict = 'back';
