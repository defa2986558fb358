-- Purpose: tell whether another run of the same source came in between while this one's connection was away: it takes this one for dead
-- In: etl.sync_logs
-- Out: one row where that is so, else none: sync_id of the latest run since, null where none is known
-- Params: $1 sync_id
WITH since AS (
    SELECT (array_agg(later.sync_id ORDER BY later.started_at DESC))[1] AS sync_id
    FROM etl.sync_logs AS own
    INNER JOIN etl.sync_logs AS later ON own.id_prefix = later.id_prefix AND own.started_at < later.started_at
    WHERE own.sync_id = $1
)

SELECT since.sync_id
FROM etl.sync_logs AS own
CROSS JOIN since
WHERE own.sync_id = $1 AND (own.status = 'FAILED' OR (own.status = 'RUNNING' AND since.sync_id IS NOT NULL));
