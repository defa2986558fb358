-- Purpose: give each row of a part that others name the key of its copy
-- In: ver_keys, a part's table
-- Out: ver_keys
-- Params: $1 text: main or version, $2 text: the part, $3 text: its parent; `{{ from_name }}` is its table, `{{ from_key }}` the column
--         that names the parent, `{{ from_key_type }}` its type, `{{ sequence }}` what the copy's ids come from
INSERT INTO ver_keys (side, part, from_key, to_key, new_id)
SELECT
    keys.side,
    $2,
    part.id::text,
    nextval({{ sequence }})::text,
    keys.new_id
FROM ver_keys AS keys
INNER JOIN {{ from_name }} AS part ON keys.from_key::{{ from_key_type }} = part.{{ from_key }}
WHERE keys.side = $1::text AND keys.part = $3::text;
