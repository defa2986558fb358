-- Purpose: index the changes by record
-- In: none
-- Out: an index
-- Params: none
CREATE INDEX sync_changes_unique_id ON etl.sync_changes (unique_id);
