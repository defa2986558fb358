-- Purpose: make the texts of new records, a row a language that has any
-- In: pln_records, stg_tenants
-- Out: shops_locales or dinings_locales
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings
INSERT INTO {{ table }}_locales (_parent_id, _locale, {{ columns }})
SELECT
    records.record_id,
    texts.*
FROM pln_records AS records
INNER JOIN stg_tenants AS staged ON records.seq = staged.seq
CROSS JOIN LATERAL (
    VALUES
    {{ values }}
) AS texts (_locale, {{ columns }})
WHERE
    records.action = 'create'
    AND records.kind = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND coalesce({{ columns }}) IS NOT NULL
ORDER BY records.seq, texts._locale;
