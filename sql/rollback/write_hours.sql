-- Purpose: write the hours per day that a run replaced, from what its log says, where it kept no rows
-- In: rbk_changes, rbk_back
-- Out: the per-day table of shops or dinings
-- Params: $1, $2 int8: first and last seq; $3 text: the run's id, so that the rows' ids are new; `{{ table }}` is shops or dinings
INSERT INTO {{ table }}_opening_hours_per_day (_order, _parent_id, id, day, open, close)
SELECT
    days.ordinal,
    records.record_id,
    left(md5(concat_ws(':', $3::text, '{{ table }}', records.record_id, days.ordinal)), 24),
    -- of the column's own type, whatever that is called
    (jsonb_populate_record(NULL::{{ table }}_opening_hours_per_day, jsonb_build_object('day', days.hours ->> 0))).day,
    days.hours ->> 1,
    days.hours ->> 2
FROM rbk_changes AS records
INNER JOIN rbk_back AS changes ON records.seq = changes.seq
CROSS JOIN LATERAL jsonb_array_elements(
    (changes.after ->> 'hours')::jsonb -> 3
) WITH ORDINALITY AS days (hours, ordinal)
WHERE
    records.outcome = 'put_back'
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND records.row_images #> '{hours,removed}' IS NULL
ORDER BY records.seq, days.ordinal;
