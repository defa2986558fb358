-- Purpose: say that this transaction loads a shard, unless another one has; one that is about to is waited for
-- In: none
-- Out: etl.<run>_shards; one row: shard, none where it is loaded already
-- Params: $1 int4 shard, $2 int8 rows of keys, $3 int8 rows of tenants; `{{ run }}` is made of the run's id
INSERT INTO etl.{{ run }}_shards (shard, keys, tenants)
VALUES ($1, $2, $3)
ON CONFLICT (shard) DO NOTHING
RETURNING shard;
