-- Purpose: make the list of rejected ids that several processes load at once; its column is that of stg_rejected
-- In: none
-- Out: etl.<run>_rejected, unlogged
-- Params: none; `{{ run }}` is made of the run's id
CREATE UNLOGGED TABLE etl.{{ run }}_rejected (
    shard int4 NOT NULL,
    unique_id text NOT NULL
) WITH (autovacuum_enabled = false);
