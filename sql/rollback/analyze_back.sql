-- Purpose: give the planner figures of what the rollback writes
-- In: rbk_back
-- Out: statistics
-- Params: none
ANALYZE rbk_back (seq);
