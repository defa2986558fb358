-- Purpose: list the hours of drafts, and those that were written beside them, for people
-- In: ver_drafts, pln_changes
-- Out: one row for each text: hours
-- Params: none
SELECT draft AS hours
FROM ver_drafts
WHERE field = 'hours' AND draft IS NOT NULL
UNION
SELECT changes.after ->> 'hours'
FROM ver_drafts AS drafts
INNER JOIN pln_changes AS changes ON drafts.seq = changes.seq
WHERE drafts.field = 'hours' AND changes.after ? 'hours';
