-- Purpose: find the rows of the CMS with an id that the base does not know
-- In: shops, dinings
-- Out: one row each: record_table, id
-- Params: $1 text: the id
SELECT
    'shops' AS record_table,
    id
FROM shops
WHERE {{ comparable_id }} = $1
UNION ALL
SELECT
    'dinings',
    id
FROM dinings
WHERE {{ comparable_id }} = $1
ORDER BY 1, 2;
