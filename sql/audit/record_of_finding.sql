-- Purpose: find the name of a finding's record and a row of it in the CMS. Part of the statements that show findings
-- In: etl.tenants_base
-- Out: one row, none where the record is not known: title, record_table, record_id
-- Params: none; `{{ finding }}` is the alias of the finding
SELECT
    coalesce(base.title_en, base.title_th) AS title,
    base.record_table,
    base.record_id
FROM etl.tenants_base AS base
-- by the row's id, else by that of the record that has several rows; both have an index
WHERE base.unique_id = {{ finding }}.unique_id OR base.source_unique_id = {{ finding }}.unique_id
ORDER BY base.unique_id = {{ finding }}.unique_id DESC, base.unique_id ASC
LIMIT 1;
