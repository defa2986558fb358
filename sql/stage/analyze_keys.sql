-- Purpose: give the planner figures of the narrow staging table
-- In: stg_keys, or etl.<run>_keys, which several processes loaded
-- Out: statistics
-- Params: none; `{{ table }}` is one of them
ANALYZE {{ table }} (unique_id, source_unique_id, derived);
