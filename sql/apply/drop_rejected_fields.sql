-- Purpose: take the fields of refused records out of the counts
-- In: pln_fields, pln_records
-- Out: pln_fields
-- Params: none
DELETE FROM pln_fields AS fields
USING pln_records AS records
WHERE records.action = 'reject' AND fields.seq = records.seq;
