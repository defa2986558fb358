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

needs AS (
    SELECT
        stem,
        max(nth_number) AS numbers
    FROM wanted
    WHERE nth_number > 0
    GROUP BY stem
),

-- among so many numbers there are enough that are free
ranges AS (
    SELECT
        needs.stem,
        max(needs.numbers) + count(taken.number) + 1 AS last_number,
        coalesce(array_agg(taken.number) FILTER (WHERE taken.number IS NOT NULL), '{}') AS taken_numbers
    FROM needs
    LEFT JOIN taken ON needs.stem = taken.stem
    GROUP BY needs.stem
),

free AS (
    SELECT
        ranges.stem,
        (
            SELECT array_agg(candidates.number ORDER BY candidates.number)
            FROM generate_series(2, ranges.last_number) AS candidates (number)
            WHERE candidates.number <> ALL(ranges.taken_numbers)
        ) AS numbers
    FROM ranges
)

SELECT
    wanted.seq,
    CASE
        WHEN wanted.nth_number = 0 THEN wanted.stem
        ELSE wanted.stem || '-' || free.numbers[wanted.nth_number]
    END
FROM wanted
LEFT JOIN free ON wanted.stem = free.stem;
