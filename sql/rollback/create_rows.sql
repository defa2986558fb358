-- Purpose: make the rollback's list of whole rows that it removes and adds, so that it can be rolled back itself
-- In: none
-- Out: rbk_rows
-- Params: none
CREATE TEMP TABLE rbk_rows (
    seq int8 NOT NULL,
    part text NOT NULL,
    side text NOT NULL,
    image jsonb NOT NULL
) ON COMMIT DROP;
