-- Purpose: copy the rows of a part, with every column that both tables have
-- In: mov_keys, a part's table
-- Out: its counterpart
-- Params: $1 text: its parent part; `{{ from_name }}` and `{{ to_name }}` are the two tables, `{{ key }}` the column that names
--         the parent, `{{ key_type }}` its type, `{{ columns }}` what both have, `{{ expressions }}` the same of `part`
INSERT INTO {{ to_name }} ({{ key }}, {{ columns }})
SELECT
    keys.to_key::{{ key_type }},
    {{ expressions }}
FROM mov_keys AS keys
INNER JOIN {{ from_name }} AS part ON keys.from_key = part.{{ key }}::text
WHERE keys.part = $1::text
ORDER BY keys.seq, part.id;
