-- Purpose: list the rows of a range that have no version
-- In: ver_missing
-- Out: ver_rows
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings, `{{ sequence }}` what the ids of its versions come from
INSERT INTO ver_rows (record_id, old_id, new_id, takes)
SELECT
    record_id,
    NULL,
    nextval({{ sequence }}),
    NULL
FROM ver_missing
WHERE record_table = '{{ table }}' AND seq BETWEEN $1 AND $2
ORDER BY seq;
