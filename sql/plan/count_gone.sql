-- Purpose: count the records that the last sync had, and those of them that this feed has not
-- In: pln_records, etl.tenants_base
-- Out: one row: gone, known
-- Params: none
SELECT
    count(*) FILTER (WHERE records.action IN ('missing', 'inactivate')) AS gone,
    count(*) AS known
FROM etl.tenants_base AS base
LEFT JOIN pln_records AS records ON base.unique_id = records.base_unique_id
WHERE base.missing_since IS NULL;
