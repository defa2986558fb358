-- Purpose: index the changes by run
-- In: none
-- Out: an index
-- Params: none
CREATE INDEX sync_changes_sync_id ON etl.sync_changes (sync_id);
