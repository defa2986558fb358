-- Purpose: give the planner figures of the wide staging table
-- In: stg_tenants
-- Out: statistics
-- Params: none
ANALYZE stg_tenants (seq);
