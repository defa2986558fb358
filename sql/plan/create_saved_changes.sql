-- Purpose: make a table for the updates of a saved plan as its file has them
-- In: none
-- Out: sav_changes
-- Params: none
CREATE TEMP TABLE sav_changes (
    seq int8 NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    conflicts text
) ON COMMIT DROP;
