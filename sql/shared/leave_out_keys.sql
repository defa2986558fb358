-- Purpose: let the plan not see a source's records, which a guard refused, or which are not to be loaded for another reason
-- In: stg_keys
-- Out: the same
-- Params: $1, $2 int8: first and last seq of the source
DELETE FROM stg_keys
WHERE seq BETWEEN $1 AND $2;
