-- Purpose: find the category links that this job or the earlier one made and that the plan rewrites or removes
-- In: pln_records, pln_fields, etl.tenants_base, shops_rels or dinings_rels
-- Out: pln_links
-- Params: none; `{{ table }}` is shops or dinings
INSERT INTO pln_links (seq, link_id, path, category_id, link_order, new_order, is_kept)
WITH changed AS (
    SELECT
        records.seq,
        records.record_id,
        records.has_editors_link OR fields.field = 'hidden_links' AS is_linked,
        base.job_category_id,
        CASE WHEN fields.field = 'category' THEN fields.ours::int4 END AS category_id
    FROM pln_fields AS fields
    INNER JOIN pln_records AS records ON fields.seq = records.seq
    LEFT JOIN etl.tenants_base AS base ON records.base_unique_id = base.unique_id
    WHERE
        fields.field IN ('category', 'hidden_links')
        AND fields.is_written
        AND records.record_table = '{{ table }}'
),

links AS (
    SELECT
        changed.seq,
        changed.is_linked,
        changed.category_id AS wanted_id,
        link.id,
        link.path,
        link.categories_id,
        link."order",
        -- the job's own link, or one of the earlier job, which the CMS never shows
        link.path = '/' OR link.categories_id = changed.job_category_id AS is_jobs,
        max(link."order") FILTER (WHERE link.path = 'categories') OVER (PARTITION BY changed.seq) AS last_order
    FROM changed
    INNER JOIN {{ table }}_rels AS link ON changed.record_id = link.parent_id
    WHERE link.path IN ('categories', '/') AND link.categories_id IS NOT NULL
),

ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY seq
            ORDER BY (path = 'categories') DESC, (categories_id = wanted_id) DESC, id ASC
        ) AS choice
    FROM links
    WHERE is_jobs
)

SELECT
    seq,
    id,
    path,
    categories_id,
    "order",
    CASE WHEN path = 'categories' THEN "order" ELSE coalesce(last_order, 0) + 1 END,
    choice = 1 AND NOT is_linked
FROM ranked;
