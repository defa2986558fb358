-- Purpose: hold the rows that may be written, so that no editor's change comes between plan and apply
-- In: pln_records; shops or dinings, or their locales
-- Out: the number of rows held
-- Params: none; `{{ kind }}` is shops or dinings, `{{ table }}` that table or its locales,
--         `{{ key }}` the column that names the record
WITH held AS (
    SELECT id
    FROM {{ table }}
    WHERE
        {{ key }} IN (
            SELECT record_id
            FROM pln_records
            WHERE record_table = '{{ kind }}' AND (source_hash IS DISTINCT FROM base_hash OR base_unique_id IS NULL)
        )
    ORDER BY id
    FOR NO KEY UPDATE
)

SELECT count(*) AS held
FROM held;
