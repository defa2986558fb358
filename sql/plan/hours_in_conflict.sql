-- Purpose: read the hours of which source and editor both changed, so that a finding can say them in words
-- In: pln_fields
-- Out: one row a text: hours
-- Params: none
SELECT DISTINCT sides.hours
FROM pln_fields AS fields
CROSS JOIN LATERAL (VALUES (fields.base), (fields.theirs), (fields.ours)) AS sides (hours)
WHERE fields.field = 'hours' AND fields.verdict = 'conflict' AND sides.hours IS NOT NULL;
