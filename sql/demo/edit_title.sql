-- Purpose: change a title as an editor does in the CMS
-- In: shops or dinings, its locales
-- Out: the same
-- Params: $1 unique_id, $2 new title; `{{ table }}` is shops or dinings
WITH edited AS (
    UPDATE {{ table }}
    SET updated_at = clock_timestamp() + interval '1 ms'
    WHERE unique_id = $1
    RETURNING id
)

UPDATE {{ table }}_locales AS texts
SET title = $2
FROM edited
WHERE texts._parent_id = edited.id AND texts._locale = 'en';
