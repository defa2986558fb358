-- Purpose: give each label of a floor its floor, by the first rule that finds one; a range of floors gets all of them
-- In: floors, floor_labels (etl/match/forms.py; distinct labels, and the ends of ranges)
-- Out: one row a label, of a range one a floor, sorted: label, floor_id, floor_name, rule,
--      considered: the floors that some rule found, ACTIVE or not, each with its first rule; null where there is none
-- Params: none
-- Only ACTIVE floors are taken. Of several with one name the lowest id is taken; partial takes none of several.
WITH named AS (
    SELECT wanted.label, 1 AS rule_rank, 'exact' AS rule, known.id, known.name, known.is_active, known."order"
    FROM floor_labels AS wanted INNER JOIN floors AS known ON wanted.key = known.key
    UNION ALL
    SELECT wanted.label, 2 AS rule_rank, 'alias' AS rule, known.id, known.name, known.is_active, known."order"
    FROM floor_labels AS wanted INNER JOIN floors AS known ON wanted.alias_key = known.key
    UNION ALL
    SELECT wanted.label, 3 AS rule_rank, 'code' AS rule, known.id, known.name, known.is_active, known."order"
    FROM floor_labels AS wanted INNER JOIN floors AS known ON wanted.code_key = known.key
    UNION ALL
    SELECT wanted.label, 4 AS rule_rank, 'fallback' AS rule, known.id, known.name, known.is_active, known."order"
    FROM floor_labels AS wanted INNER JOIN floors AS known ON wanted.fallback_key = known.key
),

ends AS (
    SELECT label, id, "order"
    FROM named
    WHERE is_active
    QUALIFY row_number() OVER (PARTITION BY label ORDER BY rule_rank, id) = 1
),

ranges AS (
    SELECT
        wanted.label,
        low.id AS low_id,
        high.id AS high_id,
        least(low."order", high."order") AS lowest,
        greatest(low."order", high."order") AS highest
    FROM floor_labels AS wanted
    INNER JOIN ends AS low ON wanted.low = low.label
    INNER JOIN ends AS high ON wanted.high = high.label
    -- where all floors have the column's default, nobody knows what is between two of them
    WHERE low.id = high.id OR low."order" <> high."order"
),

distinct_floors AS (
    SELECT id, name, is_active, "order"
    FROM floors
    QUALIFY row_number() OVER (PARTITION BY key ORDER BY is_active DESC, id ASC) = 1
),

fits AS (
    SELECT label, rule_rank, rule, id, name, is_active, 0 AS place
    FROM named
    UNION ALL
    SELECT
        ranges.label, 5 AS rule_rank, 'range' AS rule, known.id, known.name, known.is_active,
        row_number() OVER (PARTITION BY ranges.label ORDER BY known."order", known.id) AS place
    FROM ranges
    INNER JOIN distinct_floors AS known
        ON
            (ranges.lowest < known."order" AND ranges.highest > known."order")
            OR ranges.low_id = known.id
            OR ranges.high_id = known.id
    UNION ALL
    -- the label's words in the name, from one word's border to another's: 'Art' is no part of DEPARTMENT
    SELECT
        wanted.label, 6 AS rule_rank, 'partial' AS rule, known.id, known.name, known.is_active,
        0 AS place
    FROM floor_labels AS wanted
    INNER JOIN floors AS known ON contains(' ' || known.words || ' ', ' ' || wanted.words || ' ')
    WHERE length(wanted.words) >= 2
),

counted AS (
    SELECT
        *,
        count(*) FILTER (WHERE is_active) OVER (PARTITION BY label, rule_rank) AS active_fits,
        row_number() OVER (PARTITION BY label, id ORDER BY rule_rank) AS fit_of_floor
    FROM fits
),

choices AS (
    SELECT label, rule_rank, rule, id, name, place
    FROM counted
    WHERE is_active AND (rule <> 'partial' OR active_fits = 1)
    UNION ALL
    SELECT label, 7 AS rule_rank, 'unmapped' AS rule, NULL AS id, NULL AS name, 0 AS place
    FROM floor_labels
),

ranked AS (
    SELECT
        *,
        rank() OVER (PARTITION BY label ORDER BY rule_rank, CASE WHEN rule <> 'range' THEN id END) AS choice
    FROM choices
),

considered AS (
    SELECT
        label,
        list(
            { 'rule': rule, 'id': id, 'name': name, 'is_active': is_active }
            ORDER BY rule_rank, place, id
        ) AS considered
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
ORDER BY ranked.label, ranked.place;
