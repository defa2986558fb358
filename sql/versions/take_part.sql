-- Purpose: copy the rows of a part that merged versions take from the row: its hours per day, or its links to categories
-- In: ver_rows, a part's table
-- Out: the version's table of that part
-- Params: $1 text: the field; `{{ side }}` is main; `{{ from_name }}` and `{{ to_name }}` are the two tables, `{{ from_key }}` and `{{ to_key }}` the columns that
--         name the parent, `{{ columns }}` those of the latter, `{{ values }}` what each takes, `{{ taken }}` says which rows the field has
INSERT INTO {{ to_name }} ({{ to_key }}, {{ columns }})
SELECT
    rows.new_id,
    {{ values }}
FROM ver_rows AS rows
INNER JOIN {{ from_name }} AS {{ side }} ON rows.record_id = {{ side }}.{{ from_key }}
WHERE rows.takes ? $1::text AND {{ taken }}
ORDER BY rows.new_id, {{ side }}.id;
