-- Purpose: tell the compared records that are updated from those that stay as they are
-- In: pln_records, pln_changes
-- Out: pln_records
-- Params: none
UPDATE pln_records AS records
SET action = CASE WHEN changes.seq IS NULL THEN 'unchanged' ELSE 'update' END
FROM pln_records AS planned
LEFT JOIN pln_changes AS changes ON planned.seq = changes.seq
WHERE records.seq = planned.seq AND records.action = 'compare';
