-- Purpose: count the rows of a part, and those that have what the other table can't take
-- In: mov_keys, a part's table
-- Out: one row a moved row that has any: seq, rows, left_rows
-- Params: $1 text: its parent part, $2 text: the columns that the other table does not have, joined by line ends;
--         `{{ from_name }}` is its table, `{{ key }}` the column that names the parent
SELECT
    keys.seq,
    count(*) AS rows,
    count(*) FILTER (
        WHERE jsonb_strip_nulls(to_jsonb(part)) ?| string_to_array($2::text, E'\n')
    ) AS left_rows
FROM mov_keys AS keys
INNER JOIN {{ from_name }} AS part ON keys.from_key = part.{{ key }}::text
WHERE keys.part = $1::text
GROUP BY keys.seq
ORDER BY keys.seq;
