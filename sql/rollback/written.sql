-- Purpose: list what the rollback writes, in order
-- In: rbk_changes
-- Out: one row a record: seq, outcome, record_table
-- Params: none
SELECT
    seq,
    outcome,
    record_table
FROM rbk_changes
WHERE outcome IN ('put_back', 'inactivated', 'deleted', 'restored')
ORDER BY seq;
