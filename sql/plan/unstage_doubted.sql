-- Purpose: take out what was staged for floors that a label which was not understood names: the record keeps the rows it has
-- In: pln_kept
-- Out: stg_keys
-- Params: none
DELETE FROM stg_keys AS keys
USING (SELECT DISTINCT pln_kept.source_unique_id FROM pln_kept) AS records
WHERE
    keys.source_unique_id = records.source_unique_id
    AND NOT EXISTS (SELECT 1 FROM pln_kept AS kept WHERE kept.seq = keys.seq);
