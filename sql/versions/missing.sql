-- Purpose: count the rows without a version in a range of records
-- In: ver_missing
-- Out: one row for each record_table: what is done, first and last seq, rows
-- Params: $1, $2 int8: first and last seq
SELECT
    record_table,
    'version' AS done,
    min(seq) AS first,
    max(seq) AS last,
    count(*) AS rows
FROM ver_missing
WHERE seq BETWEEN $1 AND $2
GROUP BY record_table;
