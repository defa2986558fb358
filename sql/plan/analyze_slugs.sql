-- Purpose: give the planner figures of the new slugs
-- In: pln_slugs
-- Out: statistics
-- Params: none
ANALYZE pln_slugs (seq);
