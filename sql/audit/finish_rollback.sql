-- Purpose: close the log of a rollback, in its own transaction
-- In: etl.sync_logs
-- Out: the same; one row: sync_id, none where the log was closed meanwhile
-- Params: $1 sync_id, $2 status, $3 counts as JSON, $4 performance as JSON
-- Created are rows that came back, unchanged those that were as before already, skipped those that stay, rejected those
-- that the database refused.
UPDATE etl.sync_logs
SET
    status = $2,
    error = NULL,
    completed_at = clock_timestamp(),
    duration_seconds = extract(EPOCH FROM clock_timestamp() - started_at),
    records_processed = (counts.figures ->> 'changes')::int8,
    records_created = (counts.figures ->> 'restored')::int8,
    records_updated = (counts.figures ->> 'put_back')::int8,
    records_deleted = (counts.figures ->> 'deleted')::int8,
    records_inactivated = (counts.figures ->> 'inactivated')::int8,
    records_unchanged = (counts.figures ->> 'already')::int8,
    records_skipped = (counts.figures ->> 'skipped')::int8,
    records_rejected = (counts.figures ->> 'refused')::int8,
    shops_processed = (counts.figures ->> 'shops')::int8,
    dinings_processed = (counts.figures ->> 'dinings')::int8,
    fields_kept = (counts.figures ->> 'fields_kept')::int8,
    performance = $4::text::jsonb
FROM (SELECT $3::text::jsonb AS figures) AS counts
WHERE sync_id = $1 AND status = 'RUNNING'
RETURNING sync_id;
