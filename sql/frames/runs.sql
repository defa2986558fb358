-- Purpose: read the log of runs for people who chart it
-- In: etl.sync_logs
-- Out: one row a run, oldest first; the JSON columns as text
-- Params: none
SELECT
    sync_id,
    command,
    status,
    started_at,
    completed_at,
    duration_seconds,
    snapshot,
    version,
    records_fetched,
    records_processed,
    records_created,
    records_updated,
    records_unchanged,
    records_skipped,
    records_rejected,
    records_duplicate,
    records_missing,
    records_inactivated,
    fields_kept,
    conflicts,
    unmapped_floors,
    unmapped_categories,
    error,
    options::text AS options,
    performance::text AS performance,
    repairs::text AS repairs,
    rules::text AS rules
FROM etl.sync_logs
ORDER BY started_at, sync_id;
