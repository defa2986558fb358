-- Purpose: index the log of runs by time
-- In: none
-- Out: an index
-- Params: none
CREATE INDEX sync_logs_started_at ON etl.sync_logs (started_at DESC);
