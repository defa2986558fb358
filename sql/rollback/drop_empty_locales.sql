-- Purpose: remove the text rows that have nothing left after the texts were put back: the run had made them
-- In: rbk_changes, rbk_back
-- Out: shops_locales or dinings_locales; rbk_rows
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings, `{{ keys }}` the names of the fields of the row's language
WITH gone AS (
    DELETE FROM {{ table }}_locales AS texts
    USING rbk_changes AS records, rbk_back AS changes
    WHERE
        records.seq = changes.seq
        AND records.outcome = 'put_back'
        AND records.record_table = '{{ table }}'
        AND records.seq BETWEEN $1 AND $2
        AND texts._parent_id = records.record_id
        AND changes.after ?| ARRAY[{{ keys }}]
        AND jsonb_strip_nulls(to_jsonb(texts) - ARRAY['id', '_locale', '_parent_id']) = '{}'
    RETURNING records.seq, to_jsonb(texts) AS image
)

INSERT INTO rbk_rows (seq, part, side, image)
SELECT
    seq,
    'locales',
    'removed',
    image
FROM gone;
