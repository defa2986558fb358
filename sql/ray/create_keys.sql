-- Purpose: make the narrow staging table that several processes load at once; its columns are those of stg_keys
-- In: none
-- Out: etl.<run>_keys, unlogged
-- Params: none; `{{ run }}` is made of the run's id
CREATE UNLOGGED TABLE etl.{{ run }}_keys (
    seq int8 NOT NULL,
    unique_id text NOT NULL,
    source_unique_id text NOT NULL,
    derived bool NOT NULL,
    kind text NOT NULL,
    kind_rule text NOT NULL,
    floor_id int4,
    floor_is_understood bool NOT NULL,
    source_hash int8 NOT NULL
) WITH (autovacuum_enabled = false);
