-- Purpose: add a standard category with its names, in an empty database only
-- In: none
-- Out: categories, categories_locales
-- Params: $1 type, $2 slug, $3 English name, $4 Thai name, $5 order
WITH made AS (
    INSERT INTO categories (type, slug, "order", status)
    VALUES ($1::text::enum_categories_type, $2, $5::int4, 'ACTIVE')
    RETURNING id
)

INSERT INTO categories_locales (_locale, _parent_id, name)
SELECT
    names._locale::_locales,
    made.id,
    names.name
FROM made
CROSS JOIN (VALUES ('en', $3), ('th', $4)) AS names (_locale, name);
