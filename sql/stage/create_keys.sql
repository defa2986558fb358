-- Purpose: make the narrow staging table: one row a canonical tenant, enough to see what changed
-- In: none
-- Out: stg_keys
-- Params: none
CREATE TEMP TABLE stg_keys (
    seq int8 NOT NULL,
    unique_id text NOT NULL,
    source_unique_id text NOT NULL,
    derived bool NOT NULL,
    kind text NOT NULL,
    kind_rule text NOT NULL,
    floor_id int4,
    floor_is_understood bool NOT NULL,
    source_hash int8 NOT NULL
) ON COMMIT DROP;
