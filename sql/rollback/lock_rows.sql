-- Purpose: hold the rows that may be put back or deleted, so that no save and no new reference comes in between
-- In: rbk_changes; shops or dinings, or their locales
-- Out: the number of rows held
-- Params: none; `{{ kind }}` is shops or dinings, `{{ table }}` that table or its locales,
--         `{{ key }}` the column that names the record
WITH held AS (
    SELECT id
    FROM {{ table }}
    WHERE {{ key }} IN (SELECT record_id FROM rbk_changes WHERE record_table = '{{ kind }}')
    ORDER BY id
    FOR UPDATE
)

SELECT count(*) AS held
FROM held;
