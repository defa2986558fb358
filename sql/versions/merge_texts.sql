-- Purpose: make the texts of merged versions: those of the latest one, with the fields that were written to the row
-- In: ver_rows, the texts of shops or dinings, those of their versions
-- Out: the latter
-- Params: none; `{{ from_name }}` and `{{ to_name }}` are the two tables, `{{ columns }}` those of the latter, `{{ values }}` what each
--         takes, `{{ keys }}` the names of the fields of a language
INSERT INTO {{ to_name }} (_parent_id, _locale, {{ columns }})
WITH languages AS (
    SELECT
        asked.record_id,
        asked.old_id,
        asked.new_id,
        asked.takes,
        texts._locale
    FROM ver_rows AS asked
    INNER JOIN {{ to_name }} AS texts ON asked.old_id = texts._parent_id
    WHERE asked.takes IS NOT NULL
    UNION
    SELECT
        asked.record_id,
        asked.old_id,
        asked.new_id,
        asked.takes,
        languages._locale
    FROM ver_rows AS asked
    INNER JOIN {{ from_name }} AS languages ON asked.record_id = languages._parent_id
    WHERE asked.takes ?| ARRAY[{{ keys }}]
)

SELECT
    rows.new_id,
    rows._locale,
    {{ values }}
FROM languages AS rows
LEFT JOIN {{ from_name }} AS main ON rows.record_id = main._parent_id AND rows._locale = main._locale
LEFT JOIN {{ to_name }} AS version ON rows.old_id = version._parent_id AND rows._locale = version._locale
ORDER BY rows.new_id, rows._locale;
