-- Purpose: gather what is put back of each record
-- In: rbk_fields, rbk_changes
-- Out: rbk_back
-- Params: none
INSERT INTO rbk_back (seq, before, after)
SELECT
    fields.seq,
    jsonb_object_agg(fields.field, fields.present),
    jsonb_object_agg(fields.field, fields.before)
FROM rbk_fields AS fields
INNER JOIN rbk_changes AS changes ON fields.seq = changes.seq
WHERE fields.verdict = 'back' AND changes.was NOT IN ('created', 'restored')
GROUP BY fields.seq;
