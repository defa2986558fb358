-- Purpose: mark runs that died as FAILED; the caller holds the lock, so none is alive
-- In: etl.sync_logs
-- Out: the same; the runs' ids
-- Params: $1 sync_id of the caller's own run, which is left alone
UPDATE etl.sync_logs
SET
    status = 'FAILED',
    completed_at = now(),
    duration_seconds = extract(EPOCH FROM now() - started_at),
    error = 'The process died before it could say why; nothing was written. Found by a later run.'
WHERE status = 'RUNNING' AND sync_id <> $1
RETURNING sync_id;
