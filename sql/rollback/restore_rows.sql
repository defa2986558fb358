-- Purpose: bring back deleted records, or a part of them, as they were, under their own ids
-- In: rbk_changes
-- Out: a table of the CMS
-- Params: $1, $2 int8: first and last seq; $3 text: the part: record, locales, rels or hours; `{{ kind }}` is shops or dinings,
--         `{{ table }}` that table or the part's
INSERT INTO {{ table }}
SELECT restored.*
FROM rbk_changes AS records
CROSS JOIN LATERAL jsonb_array_elements(records.row_images -> $3::text -> 'removed') AS removed (image)
CROSS JOIN LATERAL jsonb_populate_record(NULL::{{ table }}, removed.image) AS restored
WHERE
    records.outcome = 'restored'
    AND records.record_table = '{{ kind }}'
    AND records.seq BETWEEN $1 AND $2
ORDER BY records.seq;
