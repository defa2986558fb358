-- Purpose: read the floors
-- In: floors
-- Out: one row a floor, as contract/reference.py says
-- Params: none
SELECT
    id,
    name::text AS name,
    "order"::float8 AS "order",
    status::text AS status
FROM floors
ORDER BY id;
