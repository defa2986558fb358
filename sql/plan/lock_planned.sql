-- Purpose: hold the rows that a saved plan writes, so that no editor's change comes between check and apply
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
            WHERE record_table = '{{ kind }}' AND action IN ('update', 'unchanged', 'inactivate')
        )
    ORDER BY id
    FOR NO KEY UPDATE
)

SELECT count(*) AS held
FROM held;
