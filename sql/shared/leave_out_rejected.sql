-- Purpose: let the plan not see a source's rejected records, as those that were not
-- In: etl.<run>_rejected
-- Out: the same
-- Params: $1, $2 int4: first and last shard of the source; `{{ run }}` is made of the run's id
DELETE FROM etl.{{ run }}_rejected
WHERE shard BETWEEN $1 AND $2;
