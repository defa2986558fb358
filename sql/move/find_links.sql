-- Purpose: tell what becomes of each link of the old rows
-- In: mov_rows, categories, shops_rels or dinings_rels
-- Out: mov_links
-- Params: $1 text: the columns that the other table does not have, joined by line ends; `{{ table }}` is shops or dinings
INSERT INTO mov_links (seq, link_id, link_order, path, category_id, fate)
SELECT
    moved.seq,
    link.id,
    link."order"::int4,
    link.path,
    link.categories_id,
    CASE
        WHEN link.path = '/' THEN 'hidden'
        WHEN
            link.path = 'categories'
            AND link.categories_id = coalesce(moved.job_category_id, moved.category_id)
            THEN 'replaced'
        WHEN category.type::text = moved.from_table THEN 'of_kind'
        WHEN jsonb_strip_nulls(to_jsonb(link)) ?| string_to_array($1::text, E'\n') THEN 'no_column'
        ELSE 'copied'
    END
FROM mov_rows AS moved
INNER JOIN {{ table }}_rels AS link ON moved.from_id = link.parent_id
LEFT JOIN categories AS category ON link.categories_id = category.id
WHERE moved.from_table = '{{ table }}'
ORDER BY moved.seq, link."order", link.id;
