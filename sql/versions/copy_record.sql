-- Purpose: make the versions that are copies of their rows
-- In: ver_rows, shops or dinings
-- Out: the table of its versions; one row: made, how many there are
-- Params: none; `{{ from_name }}` and `{{ to_name }}` are the two tables, `{{ columns }}` those of the
--         latter, `{{ values }}` what each takes, `{{ flags }}` and `{{ flag_values }}` those that only a version has
WITH made AS (
    INSERT INTO {{ to_name }} (id, parent_id, {{ columns }}, created_at, updated_at{{ flags }})
    SELECT
        rows.new_id,
        rows.record_id,
        {{ values }},
        saved.saved_at,
        saved.saved_at{{ flag_values }}
    FROM ver_rows AS rows
    INNER JOIN {{ from_name }} AS main ON rows.record_id = main.id
    LEFT JOIN {{ to_name }} AS earlier ON rows.old_id = earlier.id
    CROSS JOIN LATERAL (
        -- after the row and after the version before, as the CMS reads which is the newest
        SELECT greatest(main.updated_at, earlier.updated_at) + interval '1 ms' AS saved_at
    ) AS saved
    WHERE rows.takes IS NULL
    ORDER BY rows.new_id
    RETURNING id
)

SELECT count(*) AS made FROM made;
