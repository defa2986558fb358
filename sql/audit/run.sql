-- Purpose: read one run
-- In: etl.sync_logs
-- Out: its row, the JSON columns as text
-- Params: $1 text: its id, four or more characters of it, or 'latest'; $2 int8: how many rows at most
SELECT
    sync_id,
    command,
    source,
    id_prefix,
    status,
    started_at,
    completed_at,
    duration_seconds,
    external_api_url,
    snapshot,
    version,
    {{ counter_columns }},
    error,
    options::text AS options,
    performance::text AS performance,
    repairs::text AS repairs,
    rules::text AS rules,
    details_removed_at
FROM etl.sync_logs
WHERE
    sync_id = CASE
        WHEN $1 <> 'latest' THEN $1
        ELSE (SELECT latest.sync_id FROM etl.sync_logs AS latest ORDER BY latest.started_at DESC, latest.sync_id DESC LIMIT 1)
    END
    OR (length($1) >= 4 AND strpos(sync_id, $1) > 0)
ORDER BY sync_id = $1 DESC, started_at DESC, sync_id DESC
LIMIT $2;
