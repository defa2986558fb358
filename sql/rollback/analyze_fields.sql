-- Purpose: give the planner figures of the rollback's fields
-- In: rbk_fields
-- Out: statistics
-- Params: none
ANALYZE rbk_fields (seq, field, verdict);
