-- Purpose: take a record that the database refused out of the plan
-- In: pln_records
-- Out: the same; its unique_id
-- Params: $1 int8: its seq
UPDATE pln_records
SET
    action = 'reject',
    reason = 'rejected_by_database'
WHERE seq = $1
RETURNING unique_id;
