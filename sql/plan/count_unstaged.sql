-- Purpose: count the records whose values were not sent though they are needed
-- In: pln_records, stg_tenants
-- Out: one row: unstaged
-- Params: none
SELECT count(*) AS unstaged
FROM pln_records AS records
LEFT JOIN stg_tenants AS staged ON records.seq = staged.seq
WHERE records.action IN ('create', 'compare') AND staged.seq IS NULL;
