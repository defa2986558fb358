-- Purpose: bring back the hours per day that the run removed, as they were, where it kept their rows
-- In: rbk_changes, rbk_back
-- Out: the per-day table of shops or dinings
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings
INSERT INTO {{ table }}_opening_hours_per_day
SELECT days.*
FROM rbk_changes AS records
INNER JOIN rbk_back AS changes ON records.seq = changes.seq
CROSS JOIN LATERAL jsonb_array_elements(records.row_images #> '{hours,removed}') AS removed (image)
CROSS JOIN LATERAL jsonb_populate_record(NULL::{{ table }}_opening_hours_per_day, removed.image) AS days
WHERE
    records.outcome = 'put_back'
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND changes.after ? 'hours';
