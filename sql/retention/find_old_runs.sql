-- Purpose: find the runs that are too old to be kept, and have no findings and changes any more; the last whole feed of a
-- source stays, however old: the next one is judged by it
-- In: etl.sync_logs, etl.sync_changes, etl.sync_issues, etl.sources
-- Out: one row a run, the oldest first
-- Params: $1 int8: days that runs are kept; $2 int8: how many at most
SELECT logs.sync_id
FROM etl.sync_logs AS logs
WHERE
    logs.details_removed_at IS NOT NULL
    AND logs.started_at < now() - make_interval(days => $1::int4)
    AND NOT EXISTS (SELECT 1 FROM etl.sync_changes AS changes WHERE changes.sync_id = logs.sync_id)
    AND NOT EXISTS (SELECT 1 FROM etl.sync_issues AS issues WHERE issues.sync_id = logs.sync_id)
    AND NOT EXISTS (SELECT 1 FROM etl.sources AS sources WHERE sources.good_sync_id = logs.sync_id)
ORDER BY logs.started_at, logs.sync_id
LIMIT $2;
