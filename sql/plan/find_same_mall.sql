-- Purpose: find another source that has the records of one that no run has loaded yet: the same mall under another address
-- In: stg_tenants, etl.tenants_base
-- Out: at most one row: id_prefix of that source; same: how many records have the id and the titles of one of its records
-- Params: $1 text: what the ids of the source begin with; $2 text: what those of other sources begin with, as a JSON list
WITH known AS (
    SELECT
        base.source_unique_id,
        base.title_en,
        base.title_th,
        CASE
            WHEN $2::text::jsonb ? left(base.source_unique_id, strpos(base.source_unique_id, ':'))
                THEN left(base.source_unique_id, strpos(base.source_unique_id, ':'))
            ELSE ''
        END AS id_prefix
    FROM etl.tenants_base AS base
)

SELECT
    known.id_prefix,
    count(DISTINCT staged.source_unique_id) AS same
FROM stg_tenants AS staged
INNER JOIN known
    ON
        substr(staged.source_unique_id, length($1) + 1) = substr(known.source_unique_id, length(known.id_prefix) + 1)
        -- two malls may number their records alike
        AND (staged.title_en, staged.title_th) IS NOT DISTINCT FROM (known.title_en, known.title_th)
WHERE known.id_prefix <> $1 AND ($1 = '' OR left(known.source_unique_id, length($1)) <> $1)
GROUP BY known.id_prefix
ORDER BY same DESC, known.id_prefix ASC
LIMIT 1;
