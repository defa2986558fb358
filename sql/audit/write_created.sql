-- Purpose: keep what was written for each new record
-- In: pln_records, stg_tenants, pln_slugs, shops or dinings
-- Out: etl.sync_changes
-- Params: $1 sync_id; `{{ table }}` is shops or dinings
INSERT INTO etl.sync_changes (sync_id, unique_id, record_table, record_id, action, before, after, written_at)
WITH made AS MATERIALIZED (
    -- put in order while it is narrow; the wide rows are then joined in that order
    SELECT
        records.seq,
        records.unique_id,
        records.record_table,
        records.record_id,
        slugs.slug,
        record.updated_at
    FROM pln_records AS records
    INNER JOIN pln_slugs AS slugs ON records.seq = slugs.seq
    INNER JOIN {{ table }} AS record ON records.record_id = record.id
    WHERE records.action = 'create' AND records.kind = '{{ table }}'
    ORDER BY records.seq
)

SELECT
    $1,
    made.unique_id,
    made.record_table,
    made.record_id,
    'created',
    '{}',
    jsonb_strip_nulls(
        jsonb_build_object('unique_id', made.unique_id, 'slug', made.slug, {{ pairs }})
    ),
    made.updated_at
FROM made
INNER JOIN stg_tenants AS staged ON made.seq = staged.seq
ORDER BY made.seq;
