-- Purpose: make the list of the shards that are staged: a shard's row is written in the transaction that loads it, so that one
--          whose process died and that comes again is loaded once
-- In: none
-- Out: etl.<run>_shards, unlogged
-- Params: none; `{{ run }}` is made of the run's id
CREATE UNLOGGED TABLE etl.{{ run }}_shards (
    shard int4 PRIMARY KEY,
    keys int8 NOT NULL,
    tenants int8 NOT NULL
);
