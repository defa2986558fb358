-- Purpose: make the wide staging table: the canonical rows whose source is not what the base has
-- In: none
-- Out: stg_tenants
-- Params: none; `{{ columns }}` are the contract's
CREATE TEMP TABLE stg_tenants (
    seq int8 NOT NULL,
    {{ columns }}
) ON COMMIT DROP;
