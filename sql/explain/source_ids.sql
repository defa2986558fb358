-- Purpose: name the record of the source that a row was made of
-- In: etl.tenants_base
-- Out: at most one row: source_unique_id
-- Params: $1 text: the row's unique_id
SELECT base.source_unique_id
FROM etl.tenants_base AS base
WHERE base.unique_id = $1 AND base.source_unique_id <> $1;
