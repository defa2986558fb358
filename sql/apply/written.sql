-- Purpose: count what the plan writes in a range of records
-- In: pln_records
-- Out: one row for each record_table (the kind of a new one) and what is done: first and last seq, rows
-- Params: $1, $2 int8: first and last seq
SELECT
    coalesce(record_table, kind) AS record_table,
    action AS done,
    min(seq) AS first,
    max(seq) AS last,
    count(*) AS rows
FROM pln_records
WHERE action IN ('create', 'update', 'inactivate') AND seq BETWEEN $1 AND $2
GROUP BY coalesce(record_table, kind), action;
