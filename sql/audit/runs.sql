-- Purpose: list the latest runs
-- In: etl.sync_logs
-- Out: one row a run, newest first
-- Params: $1 int8: how many
SELECT
    sync_id,
    command,
    source,
    status,
    started_at,
    duration_seconds,
    records_fetched,
    records_created,
    records_updated,
    records_unchanged,
    records_skipped,
    records_rejected,
    records_missing,
    records_inactivated,
    records_deleted,
    fields_kept,
    conflicts,
    unmapped_floors,
    unmapped_categories,
    options ->> 'of' AS rolled_back,
    options ->> 'moved' AS moved,
    options ->> 'to' AS moved_to,
    error
FROM etl.sync_logs
ORDER BY started_at DESC, sync_id DESC
LIMIT $1;
