-- Purpose: stage the rows whose source did not change but whose CMS row did: the source's values are the base's
-- In: pln_records, etl.tenants_base
-- Out: stg_tenants
-- Params: none; `{{ table }}` is shops or dinings, `{{ content }}` the contract's columns
INSERT INTO stg_tenants (seq, unique_id, source_unique_id, kind, {{ content }}, floor_id, {{ table }}_category_id)
SELECT
    records.seq,
    records.unique_id,
    records.source_unique_id,
    records.kind,
    {{ base_content }},
    base.floor_id,
    base.category_id
FROM pln_records AS records
INNER JOIN etl.tenants_base AS base ON records.base_unique_id = base.unique_id
LEFT JOIN stg_tenants AS staged ON records.seq = staged.seq
WHERE
    records.action = 'compare'
    AND records.record_table = '{{ table }}'
    AND records.source_hash = records.base_hash
    AND staged.seq IS NULL;
