-- Purpose: open the log of a run; again where it is open, as its connection broke before the run had begun
-- In: none
-- Out: etl.sync_logs
-- Params: $1 sync_id, $2 command, $3 source, $4 what its ids begin with, $5 address without credentials or null, $6 version,
-- $7 options as JSON
INSERT INTO etl.sync_logs (sync_id, command, status, started_at, source, id_prefix, external_api_url, version, options)
VALUES ($1, $2, 'RUNNING', now(), $3, $4, $5, $6, $7::text::jsonb)
ON CONFLICT (sync_id) DO UPDATE SET
    status = 'RUNNING',
    started_at = now(),
    completed_at = NULL,
    duration_seconds = NULL,
    error = NULL;
