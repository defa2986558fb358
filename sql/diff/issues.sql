-- Purpose: read the findings that a sync would keep, each with the name of its record
-- In: stg_issues, stg_tenants, etl.tenants_base
-- Out: one row a finding
-- Params: none
WITH named AS (
    SELECT
        unique_id,
        source_unique_id,
        coalesce(title_en, title_th) AS title,
        1 AS choice
    FROM stg_tenants
    UNION ALL
    SELECT
        unique_id,
        source_unique_id,
        coalesce(title_en, title_th),
        2
    FROM etl.tenants_base
),

titles AS (
    SELECT DISTINCT ON (ids.id)
        ids.id,
        ids.title
    FROM (
        SELECT
            unique_id AS id,
            title,
            choice
        FROM named
        UNION ALL
        SELECT
            source_unique_id,
            title,
            choice
        FROM named
    ) AS ids
    WHERE ids.id IN (SELECT issues.unique_id FROM stg_issues AS issues)
    ORDER BY ids.id ASC, ids.title IS NULL ASC, ids.choice ASC
)

SELECT
    issues.unique_id,
    issues.severity,
    issues.code,
    issues.field,
    issues.message,
    issues.value,
    titles.title
FROM stg_issues AS issues
LEFT JOIN titles ON issues.unique_id = titles.id;
