-- Purpose: bring back the text rows that the run removed and that are missing, as they were
-- In: rbk_changes, rbk_back
-- Out: shops_locales or dinings_locales
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings, `{{ keys }}` the names of the fields of the row's language
INSERT INTO {{ table }}_locales
SELECT texts.*
FROM rbk_changes AS records
INNER JOIN rbk_back AS changes ON records.seq = changes.seq
CROSS JOIN LATERAL jsonb_array_elements(records.row_images #> '{locales,removed}') AS removed (image)
CROSS JOIN LATERAL jsonb_populate_record(NULL::{{ table }}_locales, removed.image) AS texts
WHERE
    records.outcome = 'put_back'
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND changes.after ?| ARRAY[{{ keys }}]
    AND NOT EXISTS (
        SELECT 1 FROM {{ table }}_locales AS present
        WHERE present._parent_id = records.record_id AND present._locale = texts._locale
    );
