-- Purpose: say of a run since when its findings and changes are no longer kept; null while they are
-- In: none
-- Out: a column
-- Params: none
ALTER TABLE etl.sync_logs
ADD COLUMN details_removed_at timestamptz;
