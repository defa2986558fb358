-- Purpose: link updated records to their category where no link could be rewritten
-- In: pln_records, pln_changes
-- Out: shops_rels or dinings_rels
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings
INSERT INTO {{ table }}_rels ("order", parent_id, path, categories_id)
SELECT
    coalesce(
        (
            SELECT max(link."order") FROM {{ table }}_rels AS link
            WHERE link.parent_id = records.record_id AND link.path = 'categories'
        ), 0
    ) + 1,
    records.record_id,
    'categories',
    (changes.after ->> 'category')::int4
FROM pln_records AS records
INNER JOIN pln_changes AS changes ON records.seq = changes.seq
WHERE
    records.action = 'update'
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND changes.after ? 'category'
    AND NOT EXISTS (
        SELECT 1 FROM {{ table }}_rels AS link
        WHERE
            link.parent_id = records.record_id
            AND link.path = 'categories'
            AND link.categories_id = (changes.after ->> 'category')::int4
    )
ORDER BY records.seq;
