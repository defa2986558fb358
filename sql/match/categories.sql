-- Purpose: give each pair of category labels its category of each kind, by the first rule that finds one
-- In: categories, category_labels (distinct pairs), category_aliases (etl/match/forms.py)
-- Out: one row a pair and kind (shops, dinings), sorted: kind, label_en, label_th, category_id, category_name, rule,
--      language (of the label that found it; null: none did),
--      considered: the categories that some rule found, ACTIVE or not, each with its first rule; null: there is none
-- Params: none
-- All rules by the English label come before any by the Thai one. Only ACTIVE categories are taken.
-- Of several with one name the lowest id is taken; partial takes none of several.
WITH wanted AS (
    SELECT
        label_en,
        label_th,
        unnest([1, 2]) AS language_rank,
        unnest(['en', 'th']) AS language,
        unnest([key_en, key_th]) AS label_key,
        unnest([spelling_en, spelling_th]) AS spelling,
        unnest([words_en, words_th]) AS words
    FROM category_labels
),

fits AS (
    SELECT
        wanted.label_en, wanted.label_th, wanted.language_rank, wanted.language,
        1 AS rule_rank, 'exact' AS rule, known.kind, known.id, known.name, known.is_active
    FROM wanted
    INNER JOIN categories AS known ON wanted.language = known.language AND wanted.label_key = known.key
    UNION ALL
    -- a name in another spelling, in either language, comes before the list: 'Home and Living' is HOME & LIVING
    SELECT
        wanted.label_en, wanted.label_th, wanted.language_rank, wanted.language,
        2 AS rule_rank, 'alias' AS rule, known.kind, known.id, known.name, known.is_active
    FROM wanted
    INNER JOIN categories AS known ON wanted.spelling = known.spelling
    UNION ALL
    SELECT
        wanted.label_en, wanted.label_th, wanted.language_rank, wanted.language,
        3 AS rule_rank, 'alias' AS rule, known.kind, known.id, known.name, known.is_active
    FROM wanted
    INNER JOIN category_aliases AS aliases ON wanted.spelling = aliases.spelling
    INNER JOIN categories AS known ON aliases.category_spelling = known.spelling
    UNION ALL
    -- from one word's border to another's: 'Art' is no part of DEPARTMENT STORE
    SELECT
        wanted.label_en, wanted.label_th, wanted.language_rank, wanted.language,
        4 AS rule_rank, 'partial' AS rule, known.kind, known.id, known.name, known.is_active
    FROM wanted
    INNER JOIN categories AS known
        ON
            wanted.language = known.language
            AND contains(' ' || known.words || ' ', ' ' || wanted.words || ' ')
    WHERE length(wanted.words) >= 2
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
    SELECT kind, label_en, label_th, language_rank, rule_rank, rule, language, id, name
    FROM counted
    WHERE is_active AND (rule <> 'partial' OR active_fits = 1)
    UNION ALL
    SELECT
        kinds.kind, pairs.label_en, pairs.label_th,
        3 AS language_rank, 5 AS rule_rank, 'unmapped' AS rule, NULL AS language, NULL AS id, NULL AS name
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
    ranked.language,
    considered.considered
FROM ranked
LEFT JOIN considered
    ON
        ranked.kind = considered.kind
        AND ranked.label_en IS NOT DISTINCT FROM considered.label_en
        AND ranked.label_th IS NOT DISTINCT FROM considered.label_th
WHERE ranked.choice = 1
ORDER BY ranked.kind, ranked.label_en, ranked.label_th;
