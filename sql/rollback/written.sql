-- Purpose: count what the rollback writes in a range of records
-- In: rbk_changes
-- Out: one row for each record_table and what is done: first and last seq, rows
-- Params: $1, $2 int8: first and last seq
SELECT
    record_table,
    outcome AS done,
    min(seq) AS first,
    max(seq) AS last,
    count(*) AS rows
FROM rbk_changes
WHERE outcome IN ('put_back', 'inactivated', 'deleted', 'restored') AND seq BETWEEN $1 AND $2
GROUP BY record_table, outcome;
