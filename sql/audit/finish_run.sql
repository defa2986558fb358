-- Purpose: close the log of a sync, a move or a rollback that is done, in its own transaction
-- In: etl.sync_logs
-- Out: the same; one row: sync_id, none where the log was closed meanwhile
-- Params: $1 sync_id, $2 status, $3 snapshot or null, $4 counts, $5 performance, $6 repairs, $7 rules, $8 category labels
-- that fit no category, each as JSON
UPDATE etl.sync_logs
SET
    status = $2,
    error = NULL,
    exit_code = 0,
    completed_at = clock_timestamp(),
    duration_seconds = extract(EPOCH FROM clock_timestamp() - started_at),
    snapshot = $3,
    {{ counter_assignments }},
    performance = $5::text::jsonb,
    repairs = $6::text::jsonb,
    rules = $7::text::jsonb,
    unmapped_labels = $8::text::jsonb
FROM (SELECT $4::text::jsonb AS figures) AS counts
WHERE sync_id = $1 AND status = 'RUNNING'
RETURNING sync_id;
