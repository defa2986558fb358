-- Purpose: copy the rows of a part into new versions
-- In: ver_keys, ver_rows, a part's table
-- Out: the version's table of that part
-- Params: $1 text: main or version, $2 text: the parent part; `{{ side }}` is the former too; `{{ from_name }}` and `{{ to_name }}` are the
--         two tables, `{{ from_key }}` and `{{ to_key }}` the columns that name the parent, each with its type; `{{ columns }}` are those
--         of the latter, `{{ values }}` what each takes, `{{ left }}` says which rows are not copied
INSERT INTO {{ to_name }} ({{ to_key }}, {{ columns }})
SELECT
    keys.to_key::{{ to_key_type }},
    {{ values }}
FROM ver_keys AS keys
INNER JOIN {{ from_name }} AS {{ side }} ON keys.from_key::{{ from_key_type }} = {{ side }}.{{ from_key }}
WHERE
    keys.side = $1::text
    AND keys.part = $2::text
    AND NOT ({{ left }})
ORDER BY keys.new_id, {{ side }}.id;
