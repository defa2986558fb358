-- Purpose: say of each pair of category labels whether it is a shop's or a dining's, by the first rule that speaks
-- In: categories, category_labels (distinct pairs), category_aliases (etl/match/forms.py)
-- Out: one row a pair, sorted: label_en, label_th, kind (shops, dinings), rule, reason (the category's name, or the word)
-- Params: none
-- Rules: category_en, category_th (a label is the name, or an alias, of ACTIVE categories of one kind only), words_en,
-- words_th, default.
WITH dining_words (word) AS (
    -- as transform/comparable.py has words: without accents and plurals; 'f b' is F&B
    VALUES
    ('food'), ('f b'), ('beverage'), ('restaurant'), ('dining'), ('eatery'), ('cafe'), ('coffee'), ('tea'), ('bakery'),
    ('dessert'), ('ice cream'), ('icecream'), ('take home'), ('takehome'), ('takeaway'), ('take away'), ('barbecue'),
    ('barbeque'), ('bbq'), ('buffet'), ('bar')
),

thai_words (word) AS (
    VALUES
    ('อาหาร'), ('เครื่องดื่ม'), ('คาเฟ่'), ('กาแฟ'), ('เบเกอรี่'), ('ของหวาน'), ('ไอศกรีม'), ('ภัตตาคาร')
),

labels AS (
    SELECT
        pair,
        label_en,
        label_th,
        -- what is sold to restaurants, or to be eaten at home, or done in a 'bar', is a shop's
        regexp_replace(
            ' ' || words_en || ' ',
            '\b(?:(?:pet|dog|cat|animal) food'
            || '|(?:food|dietary) supplement'
            || '|(?:(?:food|f b|beverage|restaurant|dining|cafe|coffee|tea|bakery|bar|buffet|kitchen) )+(?:supply|equipment)'
            || '|(?:nail|brow|eyebrow|lash|eyelash|hair|blow|blow dry|blowdry|blowout) bar)\b',
            '|', 'g'
        ) AS words_en,
        regexp_replace(key_th, 'อาหาร(?:สัตว์|เสริม|สุนัข|แมว)', '|', 'g') AS words_th
    FROM category_labels
),

wanted AS (
    SELECT
        pair,
        unnest([1, 2]) AS language_rank,
        unnest(['en', 'th']) AS language,
        unnest([key_en, key_th]) AS label_key,
        unnest([spelling_en, spelling_th]) AS spelling
    FROM category_labels
),

fits AS (
    SELECT wanted.pair, wanted.language_rank, 1 AS rule_rank, known.kind, known.name
    FROM wanted
    INNER JOIN categories AS known ON wanted.language = known.language AND wanted.label_key = known.key
    WHERE known.is_active
    UNION ALL
    SELECT wanted.pair, wanted.language_rank, 2 AS rule_rank, known.kind, known.name
    FROM wanted
    INNER JOIN categories AS known ON wanted.spelling = known.spelling
    WHERE known.is_active
    UNION ALL
    SELECT wanted.pair, wanted.language_rank, 3 AS rule_rank, known.kind, known.name
    FROM wanted
    INNER JOIN category_aliases AS aliases ON wanted.spelling = aliases.spelling
    INNER JOIN categories AS known ON aliases.category_spelling = known.spelling
    WHERE known.is_active
),

-- a label that is the very name of a category does not speak for those that it is an alias of
named AS (
    SELECT pair, language_rank, kind, name
    FROM fits
    QUALIFY rank() OVER (PARTITION BY pair, language_rank ORDER BY rule_rank) = 1
),

spoken AS (
    SELECT
        pair, language_rank AS rule_rank, min(kind) AS kind, min(name) AS reason, 0 AS place,
        CASE language_rank WHEN 1 THEN 'category_en' ELSE 'category_th' END AS rule
    FROM named
    GROUP BY pair, language_rank
    HAVING count(DISTINCT kind) = 1
    UNION ALL
    SELECT
        labels.pair, 3 AS rule_rank, 'dinings' AS kind, dining_words.word AS reason,
        strpos(labels.words_en, ' ' || dining_words.word || ' ') AS place, 'words_en' AS rule
    FROM labels INNER JOIN dining_words ON contains(labels.words_en, ' ' || dining_words.word || ' ')
    UNION ALL
    SELECT
        labels.pair, 4 AS rule_rank, 'dinings' AS kind, thai_words.word AS reason,
        strpos(labels.words_th, thai_words.word) AS place, 'words_th' AS rule
    FROM labels INNER JOIN thai_words ON contains(labels.words_th, thai_words.word)
    UNION ALL
    SELECT pair, 5 AS rule_rank, 'shops' AS kind, NULL AS reason, 0 AS place, 'default' AS rule
    FROM labels
),

first_spoken AS (
    SELECT pair, kind, rule, reason
    FROM spoken
    QUALIFY row_number() OVER (PARTITION BY pair ORDER BY rule_rank, place, reason) = 1
)

SELECT
    labels.label_en,
    labels.label_th,
    first_spoken.kind,
    first_spoken.rule,
    first_spoken.reason
FROM labels
INNER JOIN first_spoken ON labels.pair = first_spoken.pair
ORDER BY labels.label_en, labels.label_th;
