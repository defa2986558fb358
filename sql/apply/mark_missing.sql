-- Purpose: remember since when a record is missing from the source, and whether it was set INACTIVE
-- In: pln_records
-- Out: etl.tenants_base
-- Params: $1 text: the time of the run
UPDATE etl.tenants_base AS base
SET
    missing_since = coalesce(base.missing_since, $1::text::timestamptz),
    inactivated_at = CASE
        WHEN records.action = 'inactivate' THEN $1::text::timestamptz
        ELSE base.inactivated_at
    END,
    record_updated_at = CASE
        WHEN records.action = 'inactivate' THEN $1::text::timestamptz
        ELSE base.record_updated_at
    END
FROM pln_records AS records
WHERE
    records.action IN ('missing', 'inactivate')
    AND base.unique_id = records.base_unique_id
    AND (base.missing_since IS NULL OR records.action = 'inactivate');
