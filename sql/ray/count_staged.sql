-- Purpose: count what is staged: after a crash of the server its unlogged tables are empty
-- In: etl.<run>_shards, etl.<run>_keys, etl.<run>_tenants
-- Out: one row: shards, keys and tenants that they should have, keys and tenants that are there
-- Params: none; `{{ run }}` is made of the run's id
SELECT
    count(*) AS shards,
    coalesce(sum(keys), 0)::int8 AS keys,
    coalesce(sum(tenants), 0)::int8 AS tenants,
    (SELECT count(*) FROM etl.{{ run }}_keys) AS keys_there,
    (SELECT count(*) FROM etl.{{ run }}_tenants) AS tenants_there
FROM etl.{{ run }}_shards;
