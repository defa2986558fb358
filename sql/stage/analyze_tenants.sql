-- Purpose: give the planner figures of the wide staging table
-- In: stg_tenants, or etl.<run>_tenants, which several processes loaded
-- Out: statistics
-- Params: none; `{{ table }}` is one of them
ANALYZE {{ table }} (seq);
