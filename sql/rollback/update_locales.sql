-- Purpose: put back the texts of records
-- In: rbk_changes, rbk_back
-- Out: shops_locales or dinings_locales
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings, `{{ keys }}` the names of the fields of the row's language
UPDATE {{ table }}_locales AS texts
SET
    {{ assignments }}
FROM rbk_changes AS records
INNER JOIN rbk_back AS changes ON records.seq = changes.seq
WHERE
    records.outcome = 'put_back'
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND texts._parent_id = records.record_id
    AND changes.after ?| ARRAY[{{ keys }}];
