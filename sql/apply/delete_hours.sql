-- Purpose: remove the hours per day that are about to be written again
-- In: pln_records, pln_changes
-- Out: the per-day table of shops or dinings
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings
DELETE FROM {{ table }}_opening_hours_per_day AS days
USING pln_records AS records, pln_changes AS changes
WHERE
    records.action = 'update'
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND changes.seq = records.seq
    AND changes.after ? 'hours'
    AND days._parent_id = records.record_id;
