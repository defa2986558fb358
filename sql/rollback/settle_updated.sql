-- Purpose: tell the updated records of which something is put back from those that stay, or are as before already
-- In: rbk_changes, rbk_fields, rbk_back
-- Out: rbk_changes: outcome, reason
-- Params: none
UPDATE rbk_changes AS changes
SET
    outcome = CASE
        WHEN back.seq IS NOT NULL THEN 'put_back'
        WHEN EXISTS (SELECT 1 FROM rbk_fields AS fields WHERE fields.seq = planned.seq AND fields.verdict = 'stays')
            THEN 'stays'
        ELSE 'already'
    END,
    reason = CASE
        WHEN EXISTS (SELECT 1 FROM rbk_fields AS fields WHERE fields.seq = planned.seq AND fields.verdict = 'stays')
            THEN 'changed_since'
    END
FROM rbk_changes AS planned
LEFT JOIN rbk_back AS back ON planned.seq = back.seq
WHERE changes.seq = planned.seq AND planned.outcome IS NULL;
