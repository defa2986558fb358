-- Purpose: list the records that the plan writes, in order
-- In: pln_records
-- Out: seq
-- Params: none
SELECT seq
FROM pln_records
WHERE action IN ('create', 'update')
ORDER BY seq;
