-- Purpose: give the planner figures of the rows that stay
-- In: pln_kept
-- Out: statistics
-- Params: none
ANALYZE pln_kept (seq, from_seq, unique_id, source_unique_id, record_id);
