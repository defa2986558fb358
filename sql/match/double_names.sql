-- Purpose: find names that several ACTIVE floors, or several ACTIVE categories of one kind, share
-- In: floors, categories (etl/match/forms.py)
-- Out: one row a name, sorted: reference (floors, shops, dinings), language (null for floors), name, ids (ascending)
-- Params: none
WITH names AS (
    SELECT 'floors' AS reference, NULL AS language, id, name, key
    FROM floors
    WHERE is_active
    UNION ALL
    SELECT kind AS reference, language, id, own_name AS name, key
    FROM categories
    WHERE is_active
)

SELECT
    reference,
    language,
    min(name) AS name,
    list(id ORDER BY id) AS ids
FROM names
GROUP BY reference, language, key
HAVING count(*) > 1
ORDER BY reference, language, min(name);
