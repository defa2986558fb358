-- Purpose: make the text rows of a language that are missing, where a text is put back
-- In: rbk_changes, rbk_back
-- Out: shops_locales or dinings_locales
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings, `{{ keys }}` the names of the fields of the row's language
INSERT INTO {{ table }}_locales (_parent_id, _locale, {{ columns }})
SELECT made.*
FROM (
    SELECT
        records.record_id,
        -- of the column's own type, whatever that is called
        (jsonb_populate_record(NULL::{{ table }}_locales, jsonb_build_object('_locale', texts._locale)))._locale,
        {{ values }}
    FROM rbk_changes AS records
    INNER JOIN rbk_back AS changes ON records.seq = changes.seq
    CROSS JOIN (VALUES ('en'), ('th')) AS texts (_locale)
    WHERE
        records.outcome = 'put_back'
        AND records.record_table = '{{ table }}'
        AND records.seq BETWEEN $1 AND $2
        AND changes.after ?| ARRAY[{{ keys }}]
        AND NOT EXISTS (
            SELECT 1 FROM {{ table }}_locales AS present
            WHERE present._parent_id = records.record_id AND present._locale::text = texts._locale
        )
) AS made (_parent_id, _locale, {{ columns }})
WHERE coalesce({{ columns }}) IS NOT NULL;
