-- Purpose: remember what the source had, and how the CMS row was left
-- In: pln_records, stg_tenants, pln_fields, pln_cms
-- Out: etl.tenants_base
-- Params: $1 text: the run's id; the column lists are the contract's
INSERT INTO etl.tenants_base AS base (
    unique_id, source_unique_id, record_table, record_id, kind, record_updated_at, source_hash,
    first_sync_id, last_sync_id, missing_since, inactivated_at, found_in_cms, kept_blank, job_category_id,
    other_category_id, {{ columns }}
)
WITH kept AS (
    SELECT DISTINCT seq
    FROM pln_fields
    WHERE NOT is_written
)

SELECT
    records.unique_id,
    records.source_unique_id,
    records.record_table,
    records.record_id,
    -- a label that says nothing leaves the record what it is
    CASE WHEN records.kind_rule IN ('default', 'blank') THEN records.record_table ELSE records.kind END,
    -- a row with an editor's fix is looked at again by each run, so that the run can say so
    CASE WHEN kept.seq IS NULL THEN cms.updated_at END,
    records.source_hash,
    $1,
    $1,
    NULL,
    NULL,
    records.found_in_cms::jsonb,
    records.kept_blank,
    -- the category that the job's own link points to: none where an editor's link to it was there already
    CASE
        WHEN records.action = 'create' THEN {{ category }}
        WHEN changes.after ? 'category' AND records.has_editors_link THEN NULL
        WHEN changes.after ? 'category' THEN {{ category }}
        -- an editor made the same move: the link is theirs
        WHEN {{ category }} <> earlier.category_id THEN NULL
        ELSE earlier.job_category_id
    END,
    {{ other_category }},
    {{ values }}
FROM pln_records AS records
INNER JOIN stg_tenants AS staged ON records.seq = staged.seq
INNER JOIN pln_cms AS cms ON records.record_table = cms.record_table AND records.record_id = cms.id
LEFT JOIN kept ON records.seq = kept.seq
LEFT JOIN pln_changes AS changes ON records.seq = changes.seq
-- of a row that the base knew by another number the job made no link
LEFT JOIN etl.tenants_base AS earlier
    ON
        records.unique_id = earlier.unique_id
        AND records.record_table = earlier.record_table
        AND records.record_id = earlier.record_id
WHERE records.action IN ('create', 'update', 'unchanged')
ORDER BY records.seq
ON CONFLICT (unique_id) DO UPDATE SET
    source_unique_id = excluded.source_unique_id,
    record_table = excluded.record_table,
    record_id = excluded.record_id,
    kind = excluded.kind,
    record_updated_at = excluded.record_updated_at,
    source_hash = excluded.source_hash,
    last_sync_id = excluded.last_sync_id,
    missing_since = NULL,
    inactivated_at = NULL,
    vanished_since = NULL,
    found_in_cms = CASE
        WHEN base.record_table = excluded.record_table AND base.record_id = excluded.record_id THEN base.found_in_cms
        ELSE excluded.found_in_cms
    END,
    kept_blank = excluded.kept_blank,
    job_category_id = excluded.job_category_id,
    other_category_id = excluded.other_category_id,
    {{ assignments }}
WHERE
    base.source_hash <> excluded.source_hash
    OR base.record_table <> excluded.record_table
    OR base.record_id <> excluded.record_id
    OR base.record_updated_at IS DISTINCT FROM excluded.record_updated_at
    OR base.missing_since IS NOT NULL;
