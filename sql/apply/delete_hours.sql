-- Purpose: remove the hours per day that are about to be written again
-- In: pln_records, pln_changes
-- Out: the per-day table of shops or dinings
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings
WITH changed AS MATERIALIZED (
    -- once each: the planner knows nothing of what a change has
    SELECT seq
    FROM pln_changes
    WHERE seq BETWEEN $1 AND $2 AND after ? 'hours'
),

written AS MATERIALIZED (
    SELECT records.record_id
    FROM pln_records AS records
    WHERE
        records.action = 'update'
        AND records.record_table = '{{ table }}'
        AND records.seq IN (SELECT changed.seq FROM changed)
)

DELETE FROM {{ table }}_opening_hours_per_day AS days
WHERE days._parent_id IN (SELECT written.record_id FROM written);
