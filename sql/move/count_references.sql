-- Purpose: count the rows of another table that name a moved row
-- In: mov_rows, the other table
-- Out: one row a moved row that is named: seq, rows
-- Params: none; `{{ table }}` is shops or dinings, `{{ referrer }}` the other table, `{{ key }}` its column; both come from the
--         catalogue, quoted
SELECT
    moved.seq,
    count(*) AS rows
FROM mov_rows AS moved
INNER JOIN {{ referrer }} AS other ON moved.from_id = other.{{ key }}
WHERE moved.from_table = '{{ table }}'
GROUP BY moved.seq
ORDER BY moved.seq;
