-- Purpose: read the staged rows that the plan uses, to be saved
-- In: stg_tenants, pln_records
-- Out: one row a record, `{{ columns }}` as the file keeps them
-- Params: none
SELECT {{ columns }}
FROM stg_tenants
WHERE seq IN (SELECT records.seq FROM pln_records AS records)
ORDER BY seq;
