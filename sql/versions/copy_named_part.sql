-- Purpose: copy the rows of a part that others name into new versions
-- In: ver_keys, a part's table
-- Out: the version's table of that part
-- Params: $1 text: main or version, $2 text: the parent part, $3 text: the part itself; the others as in copy_part.sql
INSERT INTO {{ to_name }} ({{ to_key }}, id, {{ columns }})
SELECT
    keys.to_key::{{ to_key_type }},
    own.to_key::int4,
    {{ values }}
FROM ver_keys AS keys
INNER JOIN {{ from_name }} AS {{ side }} ON keys.from_key::{{ from_key_type }} = {{ side }}.{{ from_key }}
INNER JOIN ver_keys AS own
    ON keys.side = own.side AND keys.new_id = own.new_id AND own.part = $3::text AND own.from_key = {{ side }}.id::text
WHERE
    keys.side = $1::text
    AND keys.part = $2::text
ORDER BY keys.new_id, {{ side }}.id;
