-- Purpose: delete created records, or a part of them, and keep their rows
-- In: rbk_changes
-- Out: a table of the CMS; rbk_rows
-- Params: $1, $2 int8: first and last seq; $3 text: the part: record, locales, rels or hours; `{{ kind }}` is shops or dinings,
--         `{{ table }}` that table or the part's, `{{ key }}` the column that names the record
WITH gone AS (
    DELETE FROM {{ table }} AS removed
    USING rbk_changes AS records
    WHERE
        records.outcome = 'deleted'
        AND records.record_table = '{{ kind }}'
        AND records.seq BETWEEN $1 AND $2
        AND removed.{{ key }} = records.record_id
    RETURNING records.seq, to_jsonb(removed) AS image
)

INSERT INTO rbk_rows (seq, part, side, image)
SELECT
    seq,
    $3::text,
    'removed',
    image
FROM gone;
