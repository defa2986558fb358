-- Purpose: count the rows that a rollback deleted; null for a sync
-- In: none
-- Out: a column
-- Params: none
ALTER TABLE etl.sync_logs
ADD COLUMN records_deleted int8;
