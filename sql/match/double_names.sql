-- Purpose: find names that several ACTIVE floors, or several ACTIVE categories of one kind, share
-- In: floors, categories (contract/reference.py), macros tidied, folded
-- Out: one row a name, sorted: reference (floors, shops, dinings), language (null for floors), name, ids (ascending)
-- Params: none
WITH names AS (
    SELECT 'floors' AS reference, NULL AS language, id, name, status
    FROM floors
    UNION ALL
    SELECT type::varchar AS reference, 'en' AS language, id, name_en AS name, status
    FROM categories
    WHERE type IN ('shops', 'dinings')
    UNION ALL
    SELECT type::varchar AS reference, 'th' AS language, id, name_th AS name, status
    FROM categories
    WHERE type IN ('shops', 'dinings')
)

SELECT
    reference,
    language,
    min(tidied(name)) AS name,
    list(id ORDER BY id) AS ids
FROM names
WHERE coalesce(status, 'ACTIVE') = 'ACTIVE' AND folded(name) IS NOT NULL
GROUP BY reference, language, folded(name)
HAVING count(*) > 1
ORDER BY reference, language, min(tidied(name));
