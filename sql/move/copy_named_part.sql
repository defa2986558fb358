-- Purpose: copy the rows of a part whose ids are texts, with every column that both tables have
-- In: mov_keys, a part's table
-- Out: its counterpart
-- Params: $1 text: its parent part, $2 text: itself; the others as in copy_part.sql
INSERT INTO {{ to_name }} ({{ key }}, id, {{ columns }})
SELECT
    keys.to_key::{{ key_type }},
    own.to_key,
    {{ expressions }}
FROM mov_keys AS keys
INNER JOIN {{ from_name }} AS part ON keys.from_key = part.{{ key }}::text
INNER JOIN mov_keys AS own ON own.part = $2::text AND own.from_key = part.id::text
WHERE keys.part = $1::text
ORDER BY keys.seq, part.id;
