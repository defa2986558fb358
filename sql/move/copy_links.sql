-- Purpose: copy the links that go along
-- In: mov_rows, mov_links, shops_rels or dinings_rels
-- Out: the other of the two
-- Params: none; `{{ from_name }}` and `{{ to_name }}` are the two tables, `{{ table }}` is shops or dinings, `{{ columns }}` what both
--         have, `{{ expressions }}` the same of `part`
INSERT INTO {{ to_name }} (parent_id, {{ columns }})
SELECT
    moved.to_id,
    {{ expressions }}
FROM mov_rows AS moved
INNER JOIN mov_links AS links ON moved.seq = links.seq AND links.fate = 'copied'
INNER JOIN {{ from_name }} AS part ON links.link_id = part.id
WHERE moved.from_table = '{{ table }}'
ORDER BY moved.seq, part.id;
