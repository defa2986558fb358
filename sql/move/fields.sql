-- Purpose: read the fields of one side
-- In: mov_fields
-- Out: one row a field: seq, field, value
-- Params: $1 text: from or to
SELECT
    seq,
    field,
    value
FROM mov_fields
WHERE side = $1
ORDER BY seq, field;
