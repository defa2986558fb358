-- Purpose: report the rows of the CMS whose unique_id is a record's but for blanks and marks that nobody sees
-- In: stg_keys, pln_cms
-- Out: stg_issues
-- Params: none
INSERT INTO stg_issues (unique_id, severity, code, field, message, value)
SELECT
    odd.unique_id,
    {{ severity_odd_id }},
    'odd_id',
    'unique_id',
    format({{ words_odd_id }}, odd.record_table, odd.id, odd.shown, odd.unique_id),
    odd.shown
FROM (
    SELECT
        cms.record_table,
        cms.id,
        cms.unique_id,
        (
            SELECT
                string_agg(
                    CASE
                        WHEN letter.is_plain OR letter.code NOT BETWEEN 0 AND 65535 THEN letter.sign
                        ELSE '\u' || lpad(to_hex(letter.code), 4, '0')
                    END,
                    '' ORDER BY letter.place
                )
            FROM (
                SELECT
                    signs.sign,
                    signs.place,
                    ascii(signs.sign) AS code,
                    signs.sign ~ '[ -~\u0e01-\u0e3a\u0e3f-\u0e4c\u0e4e-\u0e5b\u00c0-\u02ff]' AS is_plain
                FROM unnest(string_to_array(cms.written_id, NULL)) WITH ORDINALITY AS signs (sign, place)
            ) AS letter
        ) AS shown
    FROM pln_cms AS cms
    WHERE cms.written_id <> cms.unique_id AND cms.unique_id IN (SELECT keys.unique_id FROM stg_keys AS keys)
) AS odd
ORDER BY odd.unique_id, odd.record_table, odd.id;
