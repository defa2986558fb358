-- Purpose: open the log of a run; again where it is open, as its connection broke before the run had begun
-- In: none
-- Out: etl.sync_logs
-- Params: $1 sync_id, $2 command, $3 source, $4 what its ids begin with, $5 address without credentials or null, $6 version,
-- $7 options as JSON, $8 bool: somebody is to be told of it
INSERT INTO etl.sync_logs (
    sync_id, command, status, started_at, source, id_prefix, external_api_url, version, options, notified_at
)
VALUES ($1, $2, 'RUNNING', now(), $3, $4, $5, $6, $7::text::jsonb, CASE WHEN NOT $8::bool THEN now() END)
ON CONFLICT (sync_id) DO UPDATE SET
    status = 'RUNNING',
    started_at = now(),
    completed_at = NULL,
    duration_seconds = NULL,
    error = NULL,
    exit_code = NULL;
