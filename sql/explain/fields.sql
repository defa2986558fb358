-- Purpose: read each merged field of CMS rows: what the base has, what the CMS has now
-- In: shops or dinings with their locales, rels and hours per day; etl.tenants_base
-- Out: one row a field: record_id, field, base, cms, and what is compared of both; all as text
-- Params: $1 text: the rows' ids as a JSON list; `{{ table }}` is shops or dinings, `{{ fields }}` the contract's: name, base, theirs;
--         `{{ base_form }}` and `{{ theirs_form }}` are what is compared
SELECT
    record.id AS record_id,
    sides.field,
    sides.base,
    sides.theirs AS cms,
    {{ base_form }} AS compared_base,
    {{ theirs_form }} AS compared_cms
FROM {{ table }} AS record
LEFT JOIN etl.tenants_base AS base
    ON
        {{ comparable_id_of_record }} = base.unique_id
        AND base.record_table = '{{ table }}'
        AND record.id = base.record_id
LEFT JOIN {{ table }}_locales AS en ON record.id = en._parent_id AND en._locale = 'en'
LEFT JOIN {{ table }}_locales AS th ON record.id = th._parent_id AND th._locale = 'th'
LEFT JOIN LATERAL (
    SELECT
        {{ days_of_hours }} AS days
    FROM {{ table }}_opening_hours_per_day AS days
    WHERE days._parent_id = record.id
) AS hours ON TRUE
LEFT JOIN LATERAL (
    -- the job's own link, else the first that the CMS shows
    SELECT link.categories_id AS category_id
    FROM {{ table }}_rels AS link
    WHERE link.parent_id = record.id AND link.path = 'categories' AND link.categories_id IS NOT NULL
    ORDER BY (link.categories_id IS NOT DISTINCT FROM base.job_category_id) DESC, link."order" ASC, link.id ASC
    LIMIT 1
) AS links ON TRUE
CROSS JOIN LATERAL (
    VALUES
    {{ fields }}
) AS sides (field, base, theirs)
WHERE record.id IN (SELECT jsonb_array_elements_text($1::text::jsonb)::int4)
ORDER BY record.id, sides.field;
