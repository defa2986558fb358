-- Purpose: read the category links of CMS rows
-- In: shops_rels or dinings_rels, shops or dinings, etl.tenants_base
-- Out: one row a link
-- Params: $1 text: the rows' ids as a JSON list; `{{ table }}` is shops or dinings
SELECT
    link.parent_id AS record_id,
    link.path::text AS path,
    link."order" AS link_order,
    link.categories_id AS category_id,
    link.path = '/' OR coalesce(link.categories_id = base.job_category_id, FALSE) AS is_jobs
FROM {{ table }}_rels AS link
INNER JOIN {{ table }} AS record ON link.parent_id = record.id
LEFT JOIN etl.tenants_base AS base
    ON
        {{ comparable_id_of_record }} = base.unique_id
        AND base.record_table = '{{ table }}'
        AND record.id = base.record_id
WHERE
    link.parent_id IN (SELECT jsonb_array_elements_text($1::text::jsonb)::int4)
    AND link.categories_id IS NOT NULL
ORDER BY link.parent_id, link.path, link."order", link.id;
