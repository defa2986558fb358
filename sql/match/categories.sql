-- Purpose: give each pair of category labels its category of each kind, by the first rule that finds one
-- In: categories (contract/reference.py), category_labels (label_en, label_th; distinct pairs),
--     category_aliases (label, category), macros tidied, folded, spelling_key
-- Out: one row a pair and kind (shops, dinings), sorted: kind, label_en, label_th, category_id, category_name, rule,
--      considered: the categories that some rule found, ACTIVE or not, each with its first rule; null: there is none
-- Params: none
-- All rules by the English label come before any by the Thai one. Only ACTIVE categories are taken.
-- Of several with one name the lowest id is taken; partial takes none of several.
WITH known AS (
    SELECT
        id,
        type::varchar AS kind,
        coalesce(tidied(name_en), tidied(name_th), slug) AS name,
        unnest(['en', 'th']) AS language,
        unnest([folded(name_en), folded(name_th)]) AS name_key,
        unnest([spelling_key(name_en), spelling_key(name_th)]) AS spelling,
        coalesce(status, 'ACTIVE') = 'ACTIVE' AS is_active
    FROM categories
    WHERE type IN ('shops', 'dinings')
),

wanted AS (
    SELECT
        label_en,
        label_th,
        unnest([1, 2]) AS language_rank,
        unnest(['en', 'th']) AS language,
        unnest([folded(label_en), folded(label_th)]) AS label_key,
        unnest([spelling_key(label_en), spelling_key(label_th)]) AS spelling
    FROM category_labels
),

aliases AS (
    SELECT DISTINCT
        spelling_key(label) AS spelling,
        spelling_key(category) AS category_spelling
    FROM category_aliases
),

fits AS (
    SELECT
        wanted.label_en, wanted.label_th, wanted.language_rank, wanted.language,
        1 AS rule_rank, 'exact' AS rule, known.kind, known.id, known.name, known.is_active
    FROM wanted
    INNER JOIN known ON wanted.language = known.language AND wanted.label_key = known.name_key
    UNION ALL
    -- a name in another spelling, in either language, comes before the list: 'Home and Living' is HOME & LIVING
    SELECT
        wanted.label_en, wanted.label_th, wanted.language_rank, wanted.language,
        2 AS rule_rank, 'alias' AS rule, known.kind, known.id, known.name, known.is_active
    FROM wanted
    INNER JOIN known ON wanted.spelling = known.spelling
    UNION ALL
    SELECT
        wanted.label_en, wanted.label_th, wanted.language_rank, wanted.language,
        3 AS rule_rank, 'alias' AS rule, known.kind, known.id, known.name, known.is_active
    FROM wanted
    INNER JOIN aliases ON wanted.spelling = aliases.spelling
    INNER JOIN known ON aliases.category_spelling = known.spelling
    UNION ALL
    SELECT
        wanted.label_en, wanted.label_th, wanted.language_rank, wanted.language,
        4 AS rule_rank, 'partial' AS rule, known.kind, known.id, known.name, known.is_active
    FROM wanted
    INNER JOIN known ON wanted.language = known.language AND contains(known.name_key, wanted.label_key)
    WHERE length(wanted.label_key) >= 2
),

counted AS (
    SELECT
        *,
        count(*) FILTER (WHERE is_active)
            OVER (PARTITION BY kind, label_en, label_th, language_rank, rule_rank)
            AS active_fits,
        row_number()
            OVER (PARTITION BY kind, label_en, label_th, id ORDER BY language_rank, rule_rank)
            AS fit_of_category
    FROM fits
),

choices AS (
    SELECT kind, label_en, label_th, language_rank, rule_rank, rule, id, name
    FROM counted
    WHERE is_active AND (rule <> 'partial' OR active_fits = 1)
    UNION ALL
    SELECT
        kinds.kind, pairs.label_en, pairs.label_th,
        3 AS language_rank, 5 AS rule_rank, 'unmapped' AS rule, NULL AS id, NULL AS name
    FROM category_labels AS pairs
    CROSS JOIN (VALUES ('shops'), ('dinings')) AS kinds (kind)
),

ranked AS (
    SELECT
        *,
        row_number()
            OVER (PARTITION BY kind, label_en, label_th ORDER BY language_rank, rule_rank, id)
            AS choice
    FROM choices
),

considered AS (
    SELECT
        kind,
        label_en,
        label_th,
        list(
            { 'language': language, 'rule': rule, 'id': id, 'name': name, 'is_active': is_active }
            ORDER BY language_rank, rule_rank, id
        ) AS considered
    FROM counted
    WHERE fit_of_category = 1
    GROUP BY kind, label_en, label_th
)

SELECT
    ranked.kind,
    ranked.label_en,
    ranked.label_th,
    ranked.id AS category_id,
    ranked.name AS category_name,
    ranked.rule,
    considered.considered
FROM ranked
LEFT JOIN considered
    ON
        ranked.kind = considered.kind
        AND ranked.label_en IS NOT DISTINCT FROM considered.label_en
        AND ranked.label_th IS NOT DISTINCT FROM considered.label_th
WHERE ranked.choice = 1
ORDER BY ranked.kind, ranked.label_en, ranked.label_th;
