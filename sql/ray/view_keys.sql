-- Purpose: let the plan see what several processes staged under the name that it knows; what it deletes is deleted there
-- In: etl.<run>_keys
-- Out: stg_keys, a view
-- Params: none; `{{ run }}` is made of the run's id
CREATE TEMP VIEW stg_keys AS
SELECT
    seq,
    unique_id,
    source_unique_id,
    derived,
    kind,
    kind_rule,
    floor_id,
    floor_is_understood,
    source_hash
FROM etl.{{ run }}_keys;
