-- Purpose: find the records whose new category an editor has linked already
-- In: pln_records, pln_fields, etl.tenants_base, shops_rels or dinings_rels
-- Out: pln_records
-- Params: none; `{{ table }}` is shops or dinings
UPDATE pln_records AS records
SET has_editors_link = true
FROM pln_records AS planned
INNER JOIN pln_fields AS fields ON planned.seq = fields.seq
LEFT JOIN etl.tenants_base AS base ON planned.base_unique_id = base.unique_id
WHERE
    records.seq = planned.seq
    AND planned.record_table = '{{ table }}'
    AND fields.field = 'category'
    AND fields.is_written
    AND EXISTS (
        SELECT 1 FROM {{ table }}_rels AS link
        WHERE
            link.parent_id = planned.record_id
            AND link.path = 'categories'
            AND link.categories_id = fields.ours::int4
            AND link.categories_id IS DISTINCT FROM base.job_category_id
    );
