-- Purpose: read each field in which source and CMS differ
-- In: pln_fields
-- Out: one row a field of a record
-- Params: none
SELECT
    seq,
    field,
    base,
    theirs,
    ours,
    verdict,
    is_written,
    is_put_back
FROM pln_fields;
