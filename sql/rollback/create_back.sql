-- Purpose: make the rollback's table of what it writes: before and after of each row whose fields change
-- In: none
-- Out: rbk_back
-- Params: none
CREATE TEMP TABLE rbk_back (
    seq int8 NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL
) ON COMMIT DROP;
