-- Purpose: list what the plan writes, in order
-- In: pln_records
-- Out: one row a record: seq, action, record_table (the kind of a new one)
-- Params: none
SELECT
    seq,
    action,
    coalesce(record_table, kind) AS record_table
FROM pln_records
WHERE action IN ('create', 'update', 'inactivate')
ORDER BY seq;
