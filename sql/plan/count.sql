-- Purpose: count what the plan does
-- In: pln_records, pln_fields, pln_feed, stg_issues
-- Out: one row
-- Params: none
SELECT
    feed.processed,
    feed.shops + moved.to_shops - moved.to_dinings AS shops,
    feed.processed - feed.shops - moved.to_shops + moved.to_dinings AS dinings,
    records.created,
    records.updated,
    records.skipped,
    records.rejected,
    records.missing,
    records.inactivated,
    fields.kept,
    fields.conflicts,
    issues.errors,
    issues.duplicates,
    issues.unmapped_floors,
    issues.unmapped_categories
FROM
    pln_feed AS feed,
    (
        SELECT
            count(*) FILTER (WHERE kind = 'dinings' AND record_table = 'shops') AS to_shops,
            count(*) FILTER (WHERE kind = 'shops' AND record_table = 'dinings') AS to_dinings
        FROM pln_records
        WHERE seq IS NOT NULL
    ) AS moved,
    (
        SELECT
            count(*) FILTER (WHERE action = 'create') AS created,
            count(*) FILTER (WHERE action = 'update') AS updated,
            count(*) FILTER (WHERE action = 'skip') AS skipped,
            -- a row that left the source is none of the processed records
            count(*) FILTER (WHERE action = 'reject' AND kind IS NOT NULL) AS rejected,
            count(*) FILTER (WHERE action IN ('missing', 'inactivate')) AS missing,
            count(*) FILTER (WHERE action = 'inactivate') AS inactivated
        FROM pln_records
    ) AS records,
    (
        SELECT
            count(*) FILTER (WHERE verdict = 'kept') AS kept,
            count(*) FILTER (WHERE verdict = 'conflict') AS conflicts
        FROM pln_fields
    ) AS fields,
    (
        SELECT
            count(*) FILTER (WHERE severity = 'error') AS errors,
            count(*) FILTER (WHERE code = 'duplicate_record') AS duplicates,
            count(*) FILTER (WHERE code = 'unmapped_floor') AS unmapped_floors,
            count(*) FILTER (WHERE code = 'unmapped_category') AS unmapped_categories
        FROM stg_issues
    ) AS issues;
