-- Purpose: read what becomes of each change of the run
-- In: rbk_changes
-- Out: one row a record, by outcome and unique_id
-- Params: $1 int8: how many of each outcome, 0 for all
SELECT
    seq,
    outcome,
    unique_id,
    record_table,
    record_id,
    was,
    title,
    reason,
    message
FROM rbk_changes
WHERE $1 = 0 OR nth <= $1
ORDER BY outcome, nth;
