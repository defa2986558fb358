-- Purpose: report the floors and categories that are INACTIVE now, and that rows of this source are linked to
-- In: floors, categories, categories_locales, shops_rels, dinings_rels, pln_cms
-- Out: stg_issues
-- Params: $1 text: what the ids of the source begin with; $2 text: what those of other sources begin with, as a JSON list
WITH links AS (
    SELECT
        'floor_id' AS field,
        'floors ' || floors.id AS reference,
        trim(floors.name) AS name,
        cms.record_table,
        cms.id,
        cms.unique_id
    FROM floors
    INNER JOIN pln_cms AS cms ON floors.id = cms.floor_id
    WHERE floors.status::text = 'INACTIVE'
    UNION ALL
    SELECT DISTINCT
        'category_id' AS field,
        'categories ' || categories.id AS reference,
        coalesce(texts.name, categories.slug) AS name,
        cms.record_table,
        cms.id,
        cms.unique_id
    FROM categories
    INNER JOIN (
        SELECT 'shops' AS record_table, shops_rels.parent_id, shops_rels.path, shops_rels.categories_id
        FROM shops_rels
        UNION ALL
        SELECT 'dinings' AS record_table, dinings_rels.parent_id, dinings_rels.path, dinings_rels.categories_id
        FROM dinings_rels
    ) AS rels ON categories.id = rels.categories_id AND rels.path = 'categories'
    INNER JOIN pln_cms AS cms ON rels.record_table = cms.record_table AND rels.parent_id = cms.id
    LEFT JOIN categories_locales AS texts ON categories.id = texts._parent_id AND texts._locale::text = 'en'
    WHERE categories.status::text = 'INACTIVE'
),

own AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY reference ORDER BY unique_id COLLATE "C" ASC, record_table ASC, id ASC) AS place
    FROM links
    WHERE
        unique_id <> ''
        AND (
            left(unique_id, strpos(unique_id, ':')) = $1
            OR ($1 = '' AND NOT $2::text::jsonb ? left(unique_id, strpos(unique_id, ':')))
        )
)

INSERT INTO stg_issues (severity, code, field, message, value)
SELECT
    {{ severity_inactive_reference }},
    'inactive_reference',
    field,
    format(
        {{ words_inactive_reference }},
        name, reference, count(*),
        string_agg(format('%s %s (%s)', record_table, id, unique_id), ', ' ORDER BY place) FILTER (WHERE place <= 3)
    ),
    reference
FROM own
GROUP BY field, reference, name
ORDER BY field, reference;
