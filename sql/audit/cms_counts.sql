-- Purpose: count what the lists of a run on the CMS's screen would have, so that empty ones are left alone
-- In: etl.sync_logs, etl.sync_issues
-- Out: one row: of each list whether it has anything, by the name of the query that fills it
-- Params: $1 sync_id
SELECT
    coalesce(bool_or(issues.severity = 'error'), false) OR bool_or(logs.error IS NOT null) AS cms_errors,
    coalesce(
        bool_or(issues.severity = 'warning' AND issues.code NOT IN ('unmapped_floor', 'unmapped_category')), false
    ) AS cms_validation_issues,
    coalesce(bool_or(issues.code = 'unmapped_floor'), false) AS cms_unmapped_floors,
    coalesce(bool_or(issues.code = 'unmapped_category'), false) AS cms_unmapped_categories
FROM etl.sync_logs AS logs
LEFT JOIN etl.sync_issues AS issues ON logs.sync_id = issues.sync_id
WHERE logs.sync_id = $1::text;
