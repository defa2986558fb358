-- Purpose: read the findings of a run, each with the name of its record and a row of it in the CMS
-- In: etl.sync_issues, etl.tenants_base
-- Out: one row a finding
-- Params: $1 sync_id, $2 int8: how many, $3 bool: those of severity info too; `{{ record_of_finding }}` is record_of_finding.sql
SELECT
    issues.unique_id,
    issues.severity,
    issues.code,
    issues.field,
    issues.message,
    issues.value,
    known.title,
    known.record_table,
    known.record_id
FROM (
    SELECT *
    FROM etl.sync_issues
    WHERE sync_id = $1 AND ($3::bool OR severity <> 'info')
    ORDER BY severity <> 'error' ASC, severity = 'info' ASC, id ASC
    LIMIT $2
) AS issues
LEFT JOIN LATERAL (
    {{ record_of_finding }}
) AS known ON TRUE
ORDER BY issues.severity <> 'error' ASC, issues.severity = 'info' ASC, issues.id ASC;
