-- Purpose: give the planner figures of the plan
-- In: pln_records
-- Out: statistics
-- Params: none
ANALYZE pln_records (seq, unique_id, record_id, record_table, kind, action);
