-- Purpose: compare base, theirs and ours of each field, and decide by the three-way merge
-- In: pln_records, stg_tenants, etl.tenants_base, the CMS's tables of shops or dinings
-- Out: pln_fields
-- Params: $1 text: who wins a conflict, source or editor; `{{ table }}` is shops or dinings, `{{ fields }}` the contract's: name, base, theirs, ours as text;
--         `{{ base_form }}`, `{{ theirs_form }}`, `{{ ours_form }}` are what of each is compared
INSERT INTO pln_fields (seq, field, base, theirs, ours, verdict, is_written)
WITH compared AS (
    SELECT
        seq,
        record_id,
        base_unique_id
    FROM pln_records
    WHERE action = 'compare' AND record_table = '{{ table }}'
),

hours AS (
    SELECT
        days._parent_id,
        {{ days_of_hours }} AS days
    FROM {{ table }}_opening_hours_per_day AS days
    INNER JOIN compared ON days._parent_id = compared.record_id
    GROUP BY days._parent_id
),

links AS (
    -- the base's link stands: the job's own, or an editor's that made one needless; else an editor's to ours will do
    SELECT
        compared.seq,
        coalesce(
            max(base.category_id) FILTER (
                WHERE link.categories_id = coalesce(base.job_category_id, base.category_id)
            ),
            max(link.categories_id) FILTER (WHERE link.categories_id = staged.{{ table }}_category_id)
        ) AS category_id
    FROM compared
    INNER JOIN stg_tenants AS staged ON compared.seq = staged.seq
    INNER JOIN {{ table }}_rels AS link ON compared.record_id = link.parent_id AND link.path = 'categories'
    LEFT JOIN etl.tenants_base AS base ON compared.base_unique_id = base.unique_id
    GROUP BY compared.seq
)

SELECT
    compared.seq,
    merged.field,
    merged.base,
    merged.theirs,
    merged.ours,
    merged.verdict,
    merged.verdict IN ('first_contact', 'source') OR (merged.verdict = 'conflict' AND $1 = 'source')
FROM compared
INNER JOIN stg_tenants AS staged ON compared.seq = staged.seq
INNER JOIN {{ table }} AS record ON compared.record_id = record.id
LEFT JOIN etl.tenants_base AS base ON compared.base_unique_id = base.unique_id
LEFT JOIN {{ table }}_locales AS en ON compared.record_id = en._parent_id AND en._locale = 'en'
LEFT JOIN {{ table }}_locales AS th ON compared.record_id = th._parent_id AND th._locale = 'th'
LEFT JOIN hours ON compared.record_id = hours._parent_id
LEFT JOIN links ON compared.seq = links.seq
CROSS JOIN LATERAL (
    SELECT
        sides.field,
        sides.base,
        sides.theirs,
        sides.ours,
        CASE
            WHEN base.unique_id IS NULL THEN 'first_contact'
            WHEN forms.base IS NOT DISTINCT FROM forms.ours THEN 'kept'
            WHEN forms.theirs IS NOT DISTINCT FROM forms.base THEN 'source'
            ELSE 'conflict'
        END AS verdict
    FROM (
        VALUES
        {{ fields }}
    ) AS sides (field, base, theirs, ours)
    CROSS JOIN LATERAL (
        SELECT
            {{ base_form }} AS base,
            {{ theirs_form }} AS theirs,
            {{ ours_form }} AS ours
        -- or each would be made again wherever it is named
        OFFSET 0
    ) AS forms
    WHERE
        sides.ours IS NOT NULL
        AND sides.ours IS DISTINCT FROM sides.theirs
        AND forms.ours IS DISTINCT FROM forms.theirs
) AS merged;
