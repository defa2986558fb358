-- Purpose: tell whether anything is too old to be kept
-- In: etl.sync_logs, etl.sync_changes, etl.sync_issues
-- Out: one row: details, some run's findings and changes are; runs, some run may be
-- Params: $1 int8: days that findings and changes are kept; $2 int8: days that runs are kept, or null for all
SELECT
    EXISTS (
        SELECT 1 FROM etl.sync_logs AS logs
        WHERE
            logs.details_removed_at IS NULL
            AND logs.status <> 'RUNNING'
            AND logs.started_at < now() - make_interval(days => $1::int4)
    )
    -- what one run did not get to: rows of marked runs are the oldest
    OR EXISTS (
        SELECT 1
        FROM (SELECT changes.sync_id FROM etl.sync_changes AS changes ORDER BY changes.id LIMIT 1) AS oldest
        INNER JOIN etl.sync_logs AS logs ON oldest.sync_id = logs.sync_id
        WHERE logs.details_removed_at IS NOT NULL
    )
    OR EXISTS (
        SELECT 1
        FROM (SELECT issues.sync_id FROM etl.sync_issues AS issues ORDER BY issues.id LIMIT 1) AS oldest
        INNER JOIN etl.sync_logs AS logs ON oldest.sync_id = logs.sync_id
        WHERE logs.details_removed_at IS NOT NULL
    ) AS details,
    EXISTS(
        SELECT 1 FROM etl.sync_logs AS logs
        WHERE logs.details_removed_at IS NOT NULL AND logs.started_at < now() - make_interval(days => $2::int4)
    ) AS runs;
