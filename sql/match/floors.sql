-- Purpose: give each label of a floor its floor, by the first rule that finds one
-- In: floors (contract/reference.py), floor_labels (transform/floors.py; distinct labels), macros tidied, folded
-- Out: one row a label, sorted: label, floor_id, floor_name, rule,
--      considered: the floors that some rule found, ACTIVE or not, each with its first rule; null where there is none
-- Params: none
-- Only ACTIVE floors are taken. Of several with one name the lowest id is taken; partial takes none of several.
WITH known AS (
    SELECT
        id,
        tidied(name) AS name,
        folded(name) AS name_key,
        coalesce(status, 'ACTIVE') = 'ACTIVE' AS is_active
    FROM floors
    WHERE folded(name) IS NOT NULL
),

wanted AS (
    SELECT
        label,
        folded(label) AS label_key,
        folded(alias) AS alias_key,
        folded(code) AS code_key,
        folded(fallback) AS fallback_key
    FROM floor_labels
),

fits AS (
    SELECT wanted.label, 1 AS rule_rank, 'exact' AS rule, known.id, known.name, known.is_active
    FROM wanted INNER JOIN known ON wanted.label_key = known.name_key
    UNION ALL
    SELECT wanted.label, 2 AS rule_rank, 'alias' AS rule, known.id, known.name, known.is_active
    FROM wanted INNER JOIN known ON wanted.alias_key = known.name_key
    UNION ALL
    SELECT wanted.label, 3 AS rule_rank, 'code' AS rule, known.id, known.name, known.is_active
    FROM wanted INNER JOIN known ON wanted.code_key = known.name_key
    UNION ALL
    SELECT wanted.label, 4 AS rule_rank, 'fallback' AS rule, known.id, known.name, known.is_active
    FROM wanted INNER JOIN known ON wanted.fallback_key = known.name_key
    UNION ALL
    SELECT wanted.label, 5 AS rule_rank, 'partial' AS rule, known.id, known.name, known.is_active
    FROM wanted INNER JOIN known ON contains(known.name_key, wanted.label_key)
    WHERE length(wanted.label_key) >= 2
),

counted AS (
    SELECT
        *,
        count(*) FILTER (WHERE is_active) OVER (PARTITION BY label, rule_rank) AS active_fits,
        row_number() OVER (PARTITION BY label, id ORDER BY rule_rank) AS fit_of_floor
    FROM fits
),

choices AS (
    SELECT label, rule_rank, rule, id, name
    FROM counted
    WHERE is_active AND (rule <> 'partial' OR active_fits = 1)
    UNION ALL
    SELECT label, 6 AS rule_rank, 'unmapped' AS rule, NULL AS id, NULL AS name
    FROM wanted
),

ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY label ORDER BY rule_rank, id) AS choice
    FROM choices
),

considered AS (
    SELECT
        label,
        list({ 'rule': rule, 'id': id, 'name': name, 'is_active': is_active } ORDER BY rule_rank, id) AS considered
    FROM counted
    WHERE fit_of_floor = 1
    GROUP BY label
)

SELECT
    ranked.label,
    ranked.id AS floor_id,
    ranked.name AS floor_name,
    ranked.rule,
    considered.considered
FROM ranked
LEFT JOIN considered ON ranked.label = considered.label
WHERE ranked.choice = 1
ORDER BY ranked.label;
