-- Purpose: count what the plan does with the records of each source
-- In: pln_sources, pln_records, stg_issues
-- Out: one row a source, in the order of the plan; the figures are those of sql/plan/count.sql
-- Params: none
WITH records AS (
    SELECT
        coalesce(source.id_prefix, '') AS id_prefix,
        count(*) FILTER (WHERE records.action = 'create') AS created,
        count(*) FILTER (WHERE records.action = 'update') AS updated,
        count(*) FILTER (WHERE records.action = 'skip') AS skipped,
        count(*) FILTER (WHERE records.action = 'reject' AND records.kind IS NOT NULL) AS refused,
        count(*) FILTER (WHERE records.action IN ('missing', 'inactivate')) AS missing,
        count(*) FILTER (WHERE records.action = 'inactivate') AS inactivated
    FROM pln_records AS records
    LEFT JOIN pln_sources AS source
        ON left(records.source_unique_id, strpos(records.source_unique_id, ':')) = source.id_prefix
    GROUP BY 1
),

issues AS (
    SELECT
        coalesce(source.id_prefix, '') AS id_prefix,
        count(*) FILTER (WHERE issues.severity = 'error') AS rejected,
        count(*) FILTER (WHERE issues.code = 'duplicate_record') AS duplicates,
        count(*) FILTER (WHERE issues.code = 'unmapped_floor') AS unmapped_floors,
        count(*) FILTER (WHERE issues.code = 'unmapped_category') AS unmapped_categories
    FROM stg_issues AS issues
    LEFT JOIN pln_sources AS source
        -- a record without an id of its own is in no plan, but its source is known
        ON coalesce(left(issues.unique_id, strpos(issues.unique_id, ':')), issues.id_prefix) = source.id_prefix
    GROUP BY 1
)

SELECT
    sources.id_prefix,
    sources.processed,
    coalesce(records.created, 0) AS created,
    coalesce(records.updated, 0) AS updated,
    sources.processed - coalesce(records.created + records.updated + records.skipped + records.refused, 0) AS unchanged,
    coalesce(records.skipped, 0) AS skipped,
    coalesce(issues.rejected, 0) AS rejected,
    coalesce(issues.duplicates, 0) AS duplicates,
    coalesce(records.missing, 0) AS missing,
    coalesce(records.inactivated, 0) AS inactivated,
    coalesce(issues.unmapped_floors, 0) AS unmapped_floors,
    coalesce(issues.unmapped_categories, 0) AS unmapped_categories
FROM pln_sources AS sources
LEFT JOIN records ON sources.id_prefix = records.id_prefix
LEFT JOIN issues ON sources.id_prefix = issues.id_prefix
ORDER BY sources.ordinal;
