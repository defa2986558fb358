-- Purpose: stage the rows whose source did not change but whose CMS row did: the source's values are the base's
-- In: pln_records, etl.tenants_base
-- Out: stg_tenants
-- Params: none; `{{ table }}` is shops or dinings, `{{ other }}` the other one, `{{ content }}`
--         the contract's columns
INSERT INTO stg_tenants (
    seq, unique_id, source_unique_id, kind, {{ content }}, floor_id, {{ table }}_category_id, {{ other }}_category_id
)
SELECT
    records.seq,
    records.unique_id,
    records.source_unique_id,
    records.kind,
    {{ base_content }},
    base.floor_id,
    CASE WHEN base.record_table = '{{ table }}' THEN base.category_id ELSE base.other_category_id END,
    CASE WHEN base.record_table = '{{ table }}' THEN base.other_category_id ELSE base.category_id END
FROM pln_records AS records
INNER JOIN etl.tenants_base AS base ON records.unique_id = base.unique_id
LEFT JOIN stg_tenants AS staged ON records.seq = staged.seq
WHERE
    records.action = 'compare'
    AND records.record_table = '{{ table }}'
    AND records.source_hash = records.base_hash
    AND staged.seq IS NULL;
