-- Purpose: read the categories with their English and Thai names
-- In: categories, categories_locales
-- Out: one row a category, as contract/reference.py says
-- Params: none
SELECT
    categories.id,
    categories.type::text AS type,
    categories.status::text AS status,
    categories.slug::text AS slug,
    en.name::text AS name_en,
    th.name::text AS name_th
FROM categories
LEFT JOIN categories_locales AS en ON categories.id = en._parent_id AND en._locale = 'en'
LEFT JOIN categories_locales AS th ON categories.id = th._parent_id AND th._locale = 'th'
ORDER BY categories.id;
