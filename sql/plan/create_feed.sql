-- Purpose: make the plan's table of the feed's own figures, one row
-- In: none
-- Out: pln_feed
-- Params: none
CREATE TEMP TABLE pln_feed (
    processed int8 NOT NULL,
    shops int8 NOT NULL
) ON COMMIT DROP;
