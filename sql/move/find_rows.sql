-- Purpose: list what the base knows of a record, named by its own id or by that of one of its rows
-- In: etl.tenants_base
-- Out: mov_rows
-- Params: $1 text: the id
INSERT INTO mov_rows (seq, unique_id, from_table, from_id, to_table, category_id, job_category_id, base)
SELECT
    row_number() OVER (ORDER BY convert_to(base.unique_id, 'UTF8')),
    base.unique_id,
    base.record_table,
    base.record_id,
    base.kind,
    base.category_id,
    base.job_category_id,
    to_jsonb(base)
FROM etl.tenants_base AS base
WHERE
    base.source_unique_id IN (SELECT named.source_unique_id FROM etl.tenants_base AS named WHERE named.unique_id = $1)
    OR base.source_unique_id = $1;
