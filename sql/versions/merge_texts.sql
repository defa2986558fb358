-- Purpose: make the texts of merged versions: those of the latest one, with the fields that were written to the row
-- In: ver_rows, the texts of shops or dinings, those of their versions
-- Out: the latter
-- Params: none; `{{ from_name }}` and `{{ to_name }}` are the two tables, `{{ columns }}` those of the latter, `{{ values }}` what each
--         takes, `{{ keys }}` the names of the fields of a language
INSERT INTO {{ to_name }} (_parent_id, _locale, {{ columns }})
SELECT
    rows.new_id,
    languages._locale,
    {{ values }}
FROM ver_rows AS rows
CROSS JOIN LATERAL (
    SELECT texts._locale FROM {{ to_name }} AS texts WHERE texts._parent_id = rows.old_id
    UNION
    SELECT languages._locale FROM {{ from_name }} AS languages
    WHERE languages._parent_id = rows.record_id AND rows.takes ?| ARRAY[{{ keys }}]
) AS languages
LEFT JOIN {{ from_name }} AS main ON rows.record_id = main._parent_id AND languages._locale = main._locale
LEFT JOIN {{ to_name }} AS version ON rows.old_id = version._parent_id AND languages._locale = version._locale
WHERE rows.takes IS NOT NULL
ORDER BY rows.new_id, languages._locale;
