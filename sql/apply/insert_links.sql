-- Purpose: link new records to their category
-- In: pln_records, stg_tenants
-- Out: shops_rels or dinings_rels
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings
INSERT INTO {{ table }}_rels ("order", parent_id, path, categories_id)
SELECT
    1,
    records.record_id,
    'categories',
    staged.{{ table }}_category_id
FROM pln_records AS records
INNER JOIN stg_tenants AS staged ON records.seq = staged.seq
WHERE
    records.action = 'create'
    AND records.kind = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND staged.{{ table }}_category_id IS NOT NULL
ORDER BY records.seq;
