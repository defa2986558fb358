-- Purpose: let the plan see what several processes staged under the name that it knows; what it adds is added there
-- In: etl.<run>_tenants
-- Out: stg_tenants, a view
-- Params: none; `{{ run }}` is made of the run's id, `{{ columns }}` are the contract's
CREATE TEMP VIEW stg_tenants AS
SELECT
    seq,
    {{ columns }}
FROM etl.{{ run }}_tenants;
