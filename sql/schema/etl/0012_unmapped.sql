-- Purpose: show the labels that the latest finished run could not match, most frequent first
-- In: none
-- Out: a view
-- Params: none
CREATE VIEW etl.unmapped AS
SELECT
    issues.code,
    issues.value AS label,
    count(*) AS records,
    min(issues.unique_id) AS example,
    min(issues.message) AS message
FROM etl.sync_issues AS issues
WHERE
    issues.code IN ('unmapped_floor', 'unmapped_category')
    AND issues.sync_id = (
        SELECT logs.sync_id
        FROM etl.sync_logs AS logs
        WHERE logs.status IN ('COMPLETED', 'PARTIAL') AND logs.command = 'sync'
        ORDER BY logs.started_at DESC, logs.sync_id DESC
        LIMIT 1
    )
GROUP BY issues.code, issues.value
ORDER BY records DESC, issues.code ASC, label ASC;
