-- Purpose: name the snapshot of the latest run that loaded one of a source
-- In: etl.sync_logs, etl.sync_sources
-- Out: at most one row: snapshot, sync_id
-- Params: $1 text: what the ids of the source begin with
SELECT
    coalesce(sources.snapshot, logs.snapshot) AS snapshot,
    logs.sync_id
FROM etl.sync_logs AS logs
LEFT JOIN etl.sync_sources AS sources ON logs.sync_id = sources.sync_id
WHERE
    logs.command = 'sync'
    AND logs.status IN ('COMPLETED', 'PARTIAL')
    -- a run without sources is one of the source without a name
    AND coalesce(sources.id_prefix, '') = $1
    AND coalesce(sources.status, '') <> 'FAILED'
    AND coalesce(sources.snapshot, logs.snapshot) IS NOT NULL
ORDER BY logs.started_at DESC, logs.sync_id DESC
LIMIT 1;
