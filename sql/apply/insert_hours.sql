-- Purpose: write the hours per day of new and updated records
-- In: pln_records, pln_changes, stg_tenants
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
FROM pln_records AS records
INNER JOIN stg_tenants AS staged ON records.seq = staged.seq
LEFT JOIN pln_changes AS changes ON records.seq = changes.seq
CROSS JOIN LATERAL jsonb_array_elements(
    CASE
        WHEN records.action = 'create' THEN staged.hours
        ELSE changes.after ->> 'hours'
    END::jsonb -> 3
) WITH ORDINALITY AS days (hours, ordinal)
WHERE
    records.action IN ('create', 'update')
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
ORDER BY records.seq, days.ordinal;
