-- Purpose: make the versions that are their latest one with the fields that were written to the row
-- In: ver_rows, shops or dinings, the table of its versions
-- Out: the latter; one row: made, how many there are
-- Params: none; `{{ from_name }}` and `{{ to_name }}` are the two tables, `{{ columns }}` those of the
--         latter, `{{ values }}` what each takes, `{{ flags }}` and `{{ flag_values }}` those that only a version has
WITH made AS (
    INSERT INTO {{ to_name }} (id, parent_id, {{ columns }}, version_updated_at, created_at, updated_at{{ flags }})
    SELECT
        rows.new_id,
        rows.record_id,
        {{ values }},
        saved.saved_at,
        saved.saved_at,
        saved.saved_at{{ flag_values }}
    FROM ver_rows AS rows
    INNER JOIN {{ from_name }} AS main ON rows.record_id = main.id
    INNER JOIN {{ to_name }} AS version ON rows.old_id = version.id
    CROSS JOIN LATERAL (
        -- after the row and after the version before, as the CMS reads which is the newest
        SELECT greatest(main.updated_at, version.updated_at) + interval '1 ms' AS saved_at
    ) AS saved
    WHERE rows.takes IS NOT NULL
    ORDER BY rows.new_id
    RETURNING id
)

SELECT count(*) AS made FROM made;
