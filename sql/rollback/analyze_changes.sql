-- Purpose: give the planner figures of the rollback's changes
-- In: rbk_changes
-- Out: statistics
-- Params: none
ANALYZE rbk_changes (seq, change_id, record_table, record_id, was, outcome);
