-- Purpose: make the list of ids that transform rejected: they are in the source, so they are not missing
-- In: none
-- Out: stg_rejected
-- Params: none
CREATE TEMP TABLE stg_rejected (
    unique_id text NOT NULL
) ON COMMIT DROP;
