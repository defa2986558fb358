-- Purpose: read the CMS rows that have one of several ids, with what the base knows of each
-- In: shops or dinings, etl.tenants_base, etl.sync_logs
-- Out: one row a row of the CMS, by id; lacks_changes: changes of the run that made its base are no longer kept
-- Params: $1 text: the ids as a JSON list; `{{ table }}` is shops or dinings
SELECT
    record.id,
    {{ comparable_id_of_record }} AS unique_id,
    record.unique_id::text AS written_id,
    record.slug::text AS slug,
    record.status::text AS status,
    coalesce((to_jsonb(record) ->> 'skip_sync')::bool, FALSE) AS skip_sync,
    to_jsonb(record) ->> 'deleted_at' IS NOT NULL AS is_trashed,
    to_char(record.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS updated_at,
    base.unique_id IS NOT NULL AS has_base,
    base.first_sync_id,
    base.first_sync_id IS NOT NULL AND first_run.sync_id IS NULL AS lacks_changes,
    base.last_sync_id,
    to_char(base.missing_since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS missing_since
FROM {{ table }} AS record
LEFT JOIN etl.tenants_base AS base
    ON
        {{ comparable_id_of_record }} = base.unique_id
        AND base.record_table = '{{ table }}'
        AND record.id = base.record_id
LEFT JOIN etl.sync_logs AS first_run
    ON base.first_sync_id = first_run.sync_id AND first_run.details_removed_at IS NULL
WHERE {{ comparable_id_of_record }} IN (SELECT jsonb_array_elements_text($1::text::jsonb))
ORDER BY record.id;
