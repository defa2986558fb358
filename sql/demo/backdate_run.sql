-- Purpose: let a run of the sample say that it ran at another time
-- In: etl.sync_logs
-- Out: the same
-- Params: $1 sync_id, $2 text: the time, ISO 8601
UPDATE etl.sync_logs
SET
    started_at = $2::text::timestamptz,
    completed_at = $2::text::timestamptz + (completed_at - started_at)
WHERE sync_id = $1;
