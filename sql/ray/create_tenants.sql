-- Purpose: make the wide staging table that several processes load at once; its columns are those of stg_tenants
-- In: none
-- Out: etl.<run>_tenants, unlogged
-- Params: none; `{{ run }}` is made of the run's id, `{{ columns }}` are the contract's
CREATE UNLOGGED TABLE etl.{{ run }}_tenants (
    seq int8 NOT NULL,
    {{ columns }}
) WITH (autovacuum_enabled = false);
