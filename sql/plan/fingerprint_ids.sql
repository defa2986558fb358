-- Purpose: print which CMS rows have the id that a record of the plan is to get: of a new record none should
-- In: pln_records, pln_cms
-- Out: one row a record whose id some other row has: seq, what, print
-- Params: none
SELECT
    records.seq,
    'unique_id' AS what,
    md5(string_agg(cms.record_table || ' ' || cms.id, ',' ORDER BY cms.record_table, cms.id)) AS print
FROM pln_records AS records
INNER JOIN pln_cms AS cms ON records.unique_id = cms.unique_id
WHERE
    records.action IN ('create', 'update', 'skip')
    AND (records.record_id IS NULL OR records.record_id <> cms.id OR records.record_table <> cms.record_table)
GROUP BY records.seq;
