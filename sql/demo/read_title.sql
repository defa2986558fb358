-- Purpose: read the English title of a record
-- In: shops or dinings, its locales
-- Out: one row
-- Params: $1 unique_id; `{{ table }}` is shops or dinings
SELECT texts.title::text AS title
FROM {{ table }} AS record
INNER JOIN {{ table }}_locales AS texts ON record.id = texts._parent_id AND texts._locale = 'en'
WHERE record.unique_id = $1;
