-- Purpose: make the plan's table of sources: every prefix that an id may have, and whether its feed is here and whole
-- In: none
-- Out: pln_sources
-- Params: none
CREATE TEMP TABLE pln_sources (
    ordinal int4 NOT NULL,
    id_prefix text PRIMARY KEY,
    is_whole bool NOT NULL,
    processed int8 NOT NULL DEFAULT 0
) ON COMMIT DROP;
