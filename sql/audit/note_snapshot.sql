-- Purpose: say in the log of a run where its records are, as soon as they are there
-- In: etl.sync_logs
-- Out: the same
-- Params: $1 sync_id, $2 the snapshot
UPDATE etl.sync_logs
SET snapshot = $2
WHERE sync_id = $1;
