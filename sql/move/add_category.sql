-- Purpose: link the new rows to their category, in the place of the old rows' link, unless an editor's link to it went along
-- In: mov_rows, mov_links
-- Out: shops_rels or dinings_rels
-- Params: none; `{{ other }}` is shops or dinings
INSERT INTO {{ other }}_rels ("order", parent_id, path, categories_id)
SELECT
    coalesce(
        min(links.link_order) FILTER (WHERE links.fate = 'replaced'),
        max(links.link_order) FILTER (WHERE links.fate = 'copied' AND links.path = 'categories') + 1,
        1
    ),
    moved.to_id,
    'categories',
    moved.to_category_id
FROM mov_rows AS moved
LEFT JOIN mov_links AS links ON moved.seq = links.seq
WHERE moved.to_table = '{{ other }}' AND moved.to_category_id IS NOT NULL
GROUP BY moved.seq, moved.to_id, moved.to_category_id
HAVING
    coalesce(
        bool_and(
            links.fate <> 'copied' OR links.path <> 'categories' OR links.category_id IS DISTINCT FROM moved.to_category_id
        ), TRUE
    )
ORDER BY moved.seq;
