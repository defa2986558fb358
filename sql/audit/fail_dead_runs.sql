-- Purpose: mark runs that died as FAILED: those of the source whose lock the caller holds, and of any other source those
-- that began a day ago and hold no lock
-- In: etl.sync_logs, pg_locks
-- Out: the same; the runs' ids
-- Params: $1 sync_id of the caller's own run, which is left alone; $2 what the ids of its source begin with
UPDATE etl.sync_logs AS logs
SET
    status = 'FAILED',
    completed_at = now(),
    duration_seconds = extract(EPOCH FROM now() - started_at),
    error = 'The process died before it could say why; nothing was written. Found by a later run.'
WHERE
    status = 'RUNNING'
    AND sync_id <> $1
    AND (
        id_prefix = $2
        OR (
            started_at < now() - interval '1 day'
            AND NOT EXISTS (
                SELECT 1 FROM pg_locks AS locks
                WHERE
                    locks.locktype = 'advisory'
                    AND locks.objsubid = 1
                    AND (locks.classid::int8 << 32) | locks.objid::int8
                    = hashtextextended('iconsiam-etl source ' || logs.id_prefix, 0)
            )
        )
    )
RETURNING sync_id;
