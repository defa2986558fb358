-- Purpose: hold the texts of the rows that may be written
-- In: pln_records, shops_locales or dinings_locales
-- Out: the number of rows held
-- Params: none; `{{ table }}` is shops or dinings
WITH held AS (
    SELECT id
    FROM {{ table }}_locales
    WHERE
        _parent_id IN (
            SELECT record_id
            FROM pln_records
            WHERE record_table = '{{ table }}' AND source_hash IS DISTINCT FROM base_hash
        )
    ORDER BY id
    FOR NO KEY UPDATE
)

SELECT count(*) AS held
FROM held;
