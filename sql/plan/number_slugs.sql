-- Purpose: give each new record a slug that no row of its table has; a taken one gets -2, -3, …
-- In: pln_records, stg_tenants, shops or dinings
-- Out: pln_slugs
-- Params: none; `{{ table }}` is shops or dinings
INSERT INTO pln_slugs (seq, slug)
WITH stems AS (
    SELECT
        records.seq,
        staged.slug_stem AS stem,
        row_number() OVER (PARTITION BY staged.slug_stem ORDER BY records.seq) AS nth
    FROM pln_records AS records
    INNER JOIN stg_tenants AS staged ON records.seq = staged.seq
    WHERE records.action = 'create' AND records.kind = '{{ table }}'
),

plain AS (
    SELECT
        stems.seq,
        stems.stem AS slug
    FROM stems
    WHERE
        stems.nth = 1
        AND NOT EXISTS (SELECT 1 FROM {{ table }} AS record WHERE record.slug = stems.stem)
),

numbered AS (
    SELECT
        stems.seq,
        stems.stem,
        row_number() OVER (PARTITION BY stems.stem ORDER BY stems.seq) AS nth
    FROM stems
    LEFT JOIN plain ON stems.seq = plain.seq
    WHERE plain.seq IS NULL
),

-- every slug that ends in a number, in the table or just given, by its stem
taken AS (
    SELECT DISTINCT
        parts[1] AS stem,
        parts[2]::int AS number
    FROM (
        SELECT regexp_match(record.slug, '^(.*)-([1-9][0-9]{0,7})$') AS parts
        FROM {{ table }} AS record
        WHERE EXISTS (SELECT 1 FROM numbered)
        UNION ALL
        SELECT regexp_match(plain.slug, '^(.*)-([1-9][0-9]{0,7})$') AS parts
        FROM plain
    ) AS slugs
    WHERE parts IS NOT NULL
),

needed AS (
    SELECT
        numbered.stem,
        max(numbered.nth) AS needed
    FROM numbered
    GROUP BY numbered.stem
),

ranges AS (
    SELECT
        needed.stem,
        max(needed.needed) + count(taken.number) + 1 AS last_number
    FROM needed
    LEFT JOIN taken ON needed.stem = taken.stem
    GROUP BY needed.stem
),

free AS (
    SELECT
        ranges.stem,
        candidates.number,
        row_number() OVER (PARTITION BY ranges.stem ORDER BY candidates.number) AS nth
    FROM ranges
    CROSS JOIN LATERAL generate_series(2, ranges.last_number) AS candidates (number)
    LEFT JOIN taken ON ranges.stem = taken.stem AND candidates.number = taken.number
    WHERE taken.number IS NULL
)

SELECT
    seq,
    slug
FROM plain
UNION ALL
SELECT
    numbered.seq,
    numbered.stem || '-' || free.number
FROM numbered
INNER JOIN free ON numbered.stem = free.stem AND numbered.nth = free.nth;
