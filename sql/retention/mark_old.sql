-- Purpose: mark the runs whose findings and changes are too old to be kept; from then on they can't be rolled back
-- In: etl.sync_logs
-- Out: the same: details_removed_at
-- Params: $1 int8: days that they are kept
UPDATE etl.sync_logs
SET details_removed_at = now()
WHERE
    details_removed_at IS NULL
    AND status <> 'RUNNING'
    AND started_at < now() - make_interval(days => $1::int4);
