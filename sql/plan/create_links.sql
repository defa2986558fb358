-- Purpose: make the plan's table of existing category links that the plan rewrites or removes
-- In: none
-- Out: pln_links
-- Params: none
CREATE TEMP TABLE pln_links (
    seq int8 NOT NULL,
    link_id int4 NOT NULL,
    path text NOT NULL,
    category_id int4 NOT NULL,
    link_order int4,
    new_order int4,
    is_kept bool NOT NULL
) ON COMMIT DROP;
