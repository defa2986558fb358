-- Purpose: hold the rows that may be written, so that no editor's change comes between plan and apply
-- In: pln_records, shops or dinings
-- Out: the number of rows held
-- Params: none; `{{ table }}` is shops or dinings
WITH held AS (
    SELECT id
    FROM {{ table }}
    WHERE
        id IN (
            SELECT record_id
            FROM pln_records
            WHERE record_table = '{{ table }}' AND source_hash IS DISTINCT FROM base_hash
        )
    ORDER BY id
    FOR NO KEY UPDATE
)

SELECT count(*) AS held
FROM held;
