-- Purpose: say in the log of a run that whoever is to be told of it was told, or that there is nothing to tell
-- In: etl.sync_logs
-- Out: the same
-- Params: $1 sync_id
UPDATE etl.sync_logs
SET notified_at = clock_timestamp()
WHERE sync_id = $1;
