-- Purpose: let the base say of moved records what it said before, so that syncs go on with the earlier row
-- In: rbk_rows
-- Out: etl.tenants_base
-- Params: none; `{{ columns }}` and `{{ values }}` are the contract's, the latter of `earlier`
UPDATE etl.tenants_base AS base
SET (
    record_table, record_id, kind, record_updated_at, source_hash, missing_since, inactivated_at, vanished_since,
    put_back_since, job_category_id, other_category_id, found_in_cms, kept_blank,
    {{ columns }}
) = ROW(
    earlier.record_table, earlier.record_id, earlier.kind, earlier.record_updated_at, earlier.source_hash,
    earlier.missing_since, earlier.inactivated_at, earlier.vanished_since, earlier.put_back_since,
    earlier.job_category_id, earlier.other_category_id, earlier.found_in_cms, earlier.kept_blank,
    {{ values }}
)
FROM rbk_rows AS present
INNER JOIN rbk_rows AS images ON present.seq = images.seq AND images.part = 'base' AND images.side = 'added'
CROSS JOIN LATERAL jsonb_populate_record(NULL::etl.tenants_base, images.image) AS earlier
WHERE
    present.part = 'base'
    AND present.side = 'removed'
    AND base.unique_id = present.image ->> 'unique_id';
