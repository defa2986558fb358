-- Purpose: find known ids that are like one that nobody knows
-- In: etl.tenants_base, shops, dinings
-- Out: one row an id, short ones first
-- Params: $1 text: a regular expression; $2 int8: how many
SELECT known.unique_id
FROM (
    SELECT base.unique_id FROM etl.tenants_base AS base
    UNION
    SELECT shops.unique_id::text FROM shops
    UNION
    SELECT dinings.unique_id::text FROM dinings
) AS known
WHERE known.unique_id ~* $1
ORDER BY length(known.unique_id), known.unique_id
LIMIT $2;
