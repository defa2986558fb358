-- Purpose: give the planner figures of the narrow staging table
-- In: etl.<run>_keys
-- Out: statistics
-- Params: none; `{{ run }}` is made of the run's id
ANALYZE etl.{{ run }}_keys (unique_id, source_unique_id, derived);
