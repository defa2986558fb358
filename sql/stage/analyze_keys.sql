-- Purpose: give the planner figures of the narrow staging table
-- In: stg_keys
-- Out: statistics
-- Params: none
ANALYZE stg_keys (unique_id, source_unique_id, derived);
