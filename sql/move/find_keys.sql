-- Purpose: list the keys of a part's rows, and give each its new one: for the parts of parts
-- In: mov_keys, a part's table
-- Out: mov_keys
-- Params: $1 text: the move's id, so that the keys are new, $2 text: the part, $3 text: its parent part;
--         `{{ from_name }}` is its table, `{{ key }}` the column that names the parent
INSERT INTO mov_keys (seq, part, from_key, to_key)
SELECT
    keys.seq,
    $2,
    part.id::text,
    left(md5(concat_ws(':', $1::text, $2::text, part.id)), 24)
FROM mov_keys AS keys
INNER JOIN {{ from_name }} AS part ON keys.from_key = part.{{ key }}::text
WHERE keys.part = $3::text;
