-- Purpose: give the planner figures of the wide staging table
-- In: etl.<run>_tenants
-- Out: statistics
-- Params: none; `{{ run }}` is made of the run's id
ANALYZE etl.{{ run }}_tenants (seq);
