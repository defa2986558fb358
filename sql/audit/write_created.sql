-- Purpose: keep what was written for each new record
-- In: pln_records, stg_tenants, pln_slugs, shops or dinings
-- Out: etl.sync_changes
-- Params: $1 sync_id; `{{ table }}` is shops or dinings
INSERT INTO etl.sync_changes (sync_id, unique_id, record_table, record_id, action, before, after, written_at)
SELECT
    $1,
    records.unique_id,
    records.record_table,
    records.record_id,
    'created',
    '{}',
    jsonb_strip_nulls(
        jsonb_build_object('unique_id', records.unique_id, 'slug', slugs.slug, {{ pairs }})
    ),
    record.updated_at
FROM pln_records AS records
INNER JOIN stg_tenants AS staged ON records.seq = staged.seq
INNER JOIN pln_slugs AS slugs ON records.seq = slugs.seq
INNER JOIN {{ table }} AS record ON records.record_id = record.id
WHERE records.action = 'create' AND records.record_table = '{{ table }}'
ORDER BY records.seq;
