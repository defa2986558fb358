-- Purpose: close the log of a run that is done, in the run's own transaction
-- In: etl.sync_logs
-- Out: the same; one row: sync_id, none where the log was closed meanwhile
-- Params: $1 sync_id, $2 status, $3 snapshot or null, $4 counts, $5 performance, $6 repairs, $7 rules, $8 category labels
-- that fit no category, each as JSON
UPDATE etl.sync_logs
SET
    status = $2,
    error = NULL,
    completed_at = clock_timestamp(),
    duration_seconds = extract(EPOCH FROM clock_timestamp() - started_at),
    snapshot = $3,
    records_fetched = (counts.figures ->> 'fetched')::int8,
    records_processed = (counts.figures ->> 'processed')::int8,
    records_created = (counts.figures ->> 'created')::int8,
    records_updated = (counts.figures ->> 'updated')::int8,
    records_unchanged = (counts.figures ->> 'unchanged')::int8,
    records_skipped = (counts.figures ->> 'skipped')::int8,
    records_rejected = (counts.figures ->> 'rejected')::int8,
    records_duplicate = (counts.figures ->> 'duplicates')::int8,
    records_missing = (counts.figures ->> 'missing')::int8,
    records_inactivated = (counts.figures ->> 'inactivated')::int8,
    shops_processed = (counts.figures ->> 'shops')::int8,
    dinings_processed = (counts.figures ->> 'dinings')::int8,
    fields_kept = (counts.figures ->> 'kept')::int8,
    conflicts = (counts.figures ->> 'conflicts')::int8,
    unmapped_floors = (counts.figures ->> 'unmapped_floors')::int8,
    unmapped_categories = (counts.figures ->> 'unmapped_categories')::int8,
    performance = $5::text::jsonb,
    repairs = $6::text::jsonb,
    rules = $7::text::jsonb,
    unmapped_labels = $8::text::jsonb
FROM (SELECT $4::text::jsonb AS figures) AS counts
WHERE sync_id = $1 AND status = 'RUNNING'
RETURNING sync_id;
