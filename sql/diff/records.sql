-- Purpose: read what the plan does to each record that has a row in the CMS, or had one
-- In: pln_records, pln_fields, stg_tenants, etl.tenants_base, shops_locales, dinings_locales
-- Out: one row a record that is updated, inactivated, skipped or missing, or that differs and stays as it is
-- Params: none
SELECT
    records.seq,
    records.action,
    records.reason,
    records.unique_id,
    records.source_unique_id,
    coalesce(records.record_table, records.kind) AS record_table,
    records.record_id,
    records.base_unique_id IS NOT NULL AS has_base,
    coalesce(records.record_table <> records.kind AND records.action <> 'skip', FALSE) AS is_kind_changed,
    coalesce(
        staged.title_en, staged.title_th, base.title_en, base.title_th, shops.title, dinings.title
    ) AS title
FROM pln_records AS records
LEFT JOIN stg_tenants AS staged ON records.seq = staged.seq
LEFT JOIN etl.tenants_base AS base ON records.base_unique_id = base.unique_id
LEFT JOIN shops_locales AS shops
    ON records.record_table = 'shops' AND records.record_id = shops._parent_id AND shops._locale = 'en'
LEFT JOIN dinings_locales AS dinings
    ON records.record_table = 'dinings' AND records.record_id = dinings._parent_id AND dinings._locale = 'en'
WHERE
    records.action IN ('update', 'inactivate', 'skip', 'missing')
    OR (
        records.action = 'unchanged'
        AND (
            records.record_table <> records.kind
            OR EXISTS (SELECT 1 FROM pln_fields AS fields WHERE fields.seq = records.seq)
        )
    );
