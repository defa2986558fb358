-- Purpose: remove the hours per day that the run wrote
-- In: rbk_changes, rbk_back
-- Out: the per-day table of shops or dinings; rbk_rows
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings
WITH gone AS (
    DELETE FROM {{ table }}_opening_hours_per_day AS days
    USING rbk_changes AS records, rbk_back AS changes
    WHERE
        records.seq = changes.seq
        AND records.outcome = 'put_back'
        AND records.record_table = '{{ table }}'
        AND records.seq BETWEEN $1 AND $2
        AND changes.after ? 'hours'
        AND days._parent_id = records.record_id
    RETURNING records.seq, to_jsonb(days) AS image
)

INSERT INTO rbk_rows (seq, part, side, image)
SELECT
    seq,
    'hours',
    'removed',
    image
FROM gone;
