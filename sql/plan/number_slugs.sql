-- Purpose: give each new record a slug that no row of its table has; a taken one gets -2, -3, …
-- In: pln_records, stg_tenants, shops or dinings
-- Out: pln_slugs
-- Params: none; `{{ table }}` is shops or dinings
INSERT INTO pln_slugs (seq, slug)
WITH stems AS (
    SELECT
        records.seq,
        staged.slug_stem AS stem,
        row_number() OVER (PARTITION BY staged.slug_stem ORDER BY records.seq) AS nth,
        staged.slug_stem IN (SELECT record.slug FROM {{ table }} AS record WHERE record.slug IS NOT NULL) AS is_taken
    FROM pln_records AS records
    INNER JOIN stg_tenants AS staged ON records.seq = staged.seq
    WHERE records.action = 'create' AND records.kind = '{{ table }}'
),

-- the first of its stem gets the stem itself, if no row has it; the others need numbers
wanted AS (
    SELECT
        seq,
        stem,
        nth - CASE WHEN is_taken THEN 0 ELSE 1 END AS nth_number
    FROM stems
),

-- every slug that ends in a number, in the table or just given, by its stem
taken AS (
    SELECT DISTINCT
        parts[1] AS stem,
        parts[2]::int AS number
    FROM (
        SELECT regexp_match(record.slug, '^(.*)-([1-9][0-9]{0,7})$') AS parts
        FROM {{ table }} AS record
        WHERE EXISTS (SELECT 1 FROM wanted WHERE wanted.nth_number > 0)
        UNION ALL
        SELECT regexp_match(wanted.stem, '^(.*)-([1-9][0-9]{0,7})$') AS parts
        FROM wanted
        WHERE wanted.nth_number = 0
    ) AS slugs
    WHERE parts IS NOT NULL
),

-- Sides are brought together by GROUP BY, not by a join: how many rows they have nobody can estimate here, and a nested
-- loop over 20,000 slugs of one stem takes minutes.
-- Among so many numbers there are enough that are free.
ranges AS (
    SELECT
        stem,
        max(nth_number) + count(number) + 1 AS last_number
    FROM (
        SELECT
            wanted.stem,
            wanted.nth_number,
            NULL AS number
        FROM wanted
        WHERE wanted.nth_number > 0
        UNION ALL
        SELECT
            taken.stem,
            NULL,
            taken.number
        FROM taken
    ) AS sides
    GROUP BY stem
    HAVING max(nth_number) IS NOT NULL
),

free AS (
    SELECT
        stem,
        number,
        row_number() OVER (PARTITION BY stem ORDER BY number) AS nth_number
    FROM (
        SELECT
            ranges.stem,
            candidates.number::int,
            TRUE AS is_candidate
        FROM ranges
        CROSS JOIN LATERAL generate_series(2, ranges.last_number) AS candidates (number)
        UNION ALL
        SELECT
            taken.stem,
            taken.number,
            FALSE
        FROM taken
    ) AS sides
    GROUP BY stem, number
    HAVING bool_and(is_candidate)
),

numbered AS (
    SELECT
        stem,
        max(seq) AS seq,
        max(number) AS number
    FROM (
        SELECT
            wanted.stem,
            wanted.nth_number,
            wanted.seq,
            NULL::int AS number
        FROM wanted
        WHERE wanted.nth_number > 0
        UNION ALL
        SELECT
            free.stem,
            free.nth_number,
            NULL,
            free.number
        FROM free
    ) AS sides
    GROUP BY stem, nth_number
    HAVING max(seq) IS NOT NULL
)

SELECT
    wanted.seq,
    wanted.stem
FROM wanted
WHERE wanted.nth_number = 0
UNION ALL
SELECT
    numbered.seq,
    numbered.stem || '-' || numbered.number
FROM numbered;
