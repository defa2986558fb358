-- Purpose: read the runs of a source that are over and of which nobody was told, with what was before each
-- In: etl.sync_logs
-- Out: one row a run, the oldest first: its log; whether it is too old to be news; status and id of the sync before it, since
-- when and how often syncs had failed before it, and the last sync before it that was done; each null where there is none
-- Params: $1 text: what the ids of the source begin with, $2 int8: how many, $3 int8: days for which a run is news,
-- $4 text: exit codes that say nothing of the source's state, as a JSON list
WITH due AS (
    SELECT
        sync_id,
        command,
        source,
        id_prefix,
        status,
        started_at,
        completed_at,
        exit_code,
        error
    FROM etl.sync_logs
    WHERE id_prefix = $1 AND notified_at IS NULL AND status <> 'RUNNING'
    ORDER BY started_at ASC, sync_id ASC
    LIMIT $2
)

SELECT
    due.sync_id,
    due.command,
    due.source,
    due.status,
    due.started_at,
    due.completed_at,
    due.exit_code,
    due.error,
    due.started_at < now() - make_interval(days => $3::int) AS is_old,
    earlier.status AS status_before,
    done.sync_id AS done_before,
    failed.since AS failed_since,
    failed.runs AS failed_runs
FROM due
LEFT JOIN LATERAL (
    SELECT logs.status
    FROM etl.sync_logs AS logs
    WHERE
        logs.id_prefix = due.id_prefix
        AND logs.command = 'sync'
        AND (logs.started_at, logs.sync_id) < (due.started_at, due.sync_id)
        AND logs.status <> 'RUNNING'
        AND NOT coalesce($4::text::jsonb @> to_jsonb(logs.exit_code), FALSE)
    ORDER BY logs.started_at DESC, logs.sync_id DESC
    LIMIT 1
) AS earlier ON TRUE
LEFT JOIN LATERAL (
    SELECT
        logs.sync_id,
        logs.started_at
    FROM etl.sync_logs AS logs
    WHERE
        logs.id_prefix = due.id_prefix
        AND logs.command = 'sync'
        AND (logs.started_at, logs.sync_id) < (due.started_at, due.sync_id)
        AND logs.status IN ('COMPLETED', 'PARTIAL')
    ORDER BY logs.started_at DESC, logs.sync_id DESC
    LIMIT 1
) AS done ON TRUE
LEFT JOIN LATERAL (
    SELECT
        min(logs.started_at) AS since,
        count(*) AS runs
    FROM etl.sync_logs AS logs
    WHERE
        logs.id_prefix = due.id_prefix
        AND logs.command = 'sync'
        AND (logs.started_at, logs.sync_id) < (due.started_at, due.sync_id)
        AND (done.sync_id IS NULL OR (logs.started_at, logs.sync_id) > (done.started_at, done.sync_id))
        AND logs.status = 'FAILED'
        AND NOT coalesce($4::text::jsonb @> to_jsonb(logs.exit_code), FALSE)
) AS failed ON TRUE
ORDER BY due.started_at ASC, due.sync_id ASC;
