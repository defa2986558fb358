-- Purpose: hold the rows that are moved, so that no save and no new reference comes in between
-- In: mov_rows; shops or dinings, or their locales
-- Out: the number of rows held
-- Params: none; `{{ kind }}` is shops or dinings, `{{ table }}` that table or its locales,
--         `{{ key }}` the column that names the record
WITH held AS (
    SELECT id
    FROM {{ table }}
    WHERE {{ key }} IN (SELECT from_id FROM mov_rows WHERE from_table = '{{ kind }}')
    ORDER BY id
    FOR UPDATE
)

SELECT count(*) AS held
FROM held;
