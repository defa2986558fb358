-- Purpose: tell which tables the records of the plan have rows in, and which they may get new rows in
-- In: pln_records
-- Out: one row a table and whether its rows would be new: record_table, is_new
-- Params: none
SELECT DISTINCT
    coalesce(record_table, kind) AS record_table,
    record_table IS NULL AS is_new
FROM pln_records;
