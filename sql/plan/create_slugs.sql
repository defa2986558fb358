-- Purpose: make the plan's table of slugs for new records
-- In: none
-- Out: pln_slugs
-- Params: none
CREATE TEMP TABLE pln_slugs (
    seq int8 NOT NULL,
    slug text NOT NULL
) ON COMMIT DROP;
