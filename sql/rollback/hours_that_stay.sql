-- Purpose: read the hours that a rollback leaves, so that a finding can say them in words
-- In: rbk_fields
-- Out: one row a text: hours
-- Params: none
SELECT DISTINCT sides.hours
FROM rbk_fields AS fields
CROSS JOIN LATERAL (VALUES (fields.before), (fields.after), (fields.present)) AS sides (hours)
WHERE fields.field = 'hours' AND fields.verdict = 'stays' AND sides.hours IS NOT NULL;
