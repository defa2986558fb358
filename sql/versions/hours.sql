-- Purpose: list the hours of drafts, and those that were written beside them, for people
-- In: ver_drafts
-- Out: one row for each text: hours
-- Params: none
SELECT sides.hours
FROM ver_drafts AS drafts
CROSS JOIN LATERAL (VALUES (drafts.draft), (drafts.published)) AS sides (hours)
WHERE drafts.field = 'hours' AND sides.hours IS NOT NULL
GROUP BY sides.hours;
