-- Purpose: make the texts of records that had none in a language
-- In: pln_records, pln_changes
-- Out: shops_locales or dinings_locales
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings
INSERT INTO {{ table }}_locales (_parent_id, _locale, {{ columns }})
SELECT
    records.record_id,
    -- of the column's own type, whatever that is called
    (jsonb_populate_record(NULL::{{ table }}_locales, jsonb_build_object('_locale', texts._locale)))._locale,
    {{ values }}
FROM pln_records AS records
INNER JOIN pln_changes AS changes ON records.seq = changes.seq
CROSS JOIN (VALUES ('en'), ('th')) AS texts (_locale)
WHERE
    records.action = 'update'
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND changes.after ?| ARRAY[{{ keys }}]
    AND NOT EXISTS (
        SELECT 1 FROM {{ table }}_locales AS present
        WHERE present._parent_id = records.record_id AND present._locale::text = texts._locale
    );
