-- Purpose: point the job's category link, or the earlier job's hidden one, to the new category
-- In: pln_links, pln_changes, pln_records
-- Out: shops_rels or dinings_rels
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings
UPDATE {{ table }}_rels AS link
SET
    path = 'categories',
    categories_id = (changes.after ->> 'category')::int4,
    "order" = links.new_order
FROM pln_links AS links
INNER JOIN pln_changes AS changes ON links.seq = changes.seq
INNER JOIN pln_records AS records ON links.seq = records.seq
WHERE
    links.is_kept
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND link.id = links.link_id;
