-- Purpose: read the links of the old rows, but for that to the category and hidden ones
-- In: mov_links, categories_locales
-- Out: one row each: seq, fate, name: the category's, else the path
-- Params: none
SELECT
    links.seq,
    links.fate,
    coalesce(names.name, links.path)::text AS name
FROM mov_links AS links
LEFT JOIN categories_locales AS names ON links.category_id = names._parent_id AND names._locale = 'en'
WHERE links.fate IN ('copied', 'of_kind', 'no_column')
ORDER BY links.seq, links.link_order, links.link_id;
