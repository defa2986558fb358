-- Purpose: close the log of a run that failed; it knows better than a later run that took it for dead
-- In: etl.sync_logs
-- Out: the same
-- Params: $1 sync_id, $2 what went wrong, $3 performance as JSON, $4 exit code of the command
UPDATE etl.sync_logs
SET
    status = 'FAILED',
    completed_at = now(),
    duration_seconds = extract(EPOCH FROM now() - started_at),
    error = $2,
    exit_code = $4::int2,
    performance = $3::text::jsonb
WHERE sync_id = $1 AND status IN ('RUNNING', 'FAILED');
