-- Purpose: index the changes by row of the CMS, whatever its unique_id was
-- In: none
-- Out: an index
-- Params: none
CREATE INDEX sync_changes_record ON etl.sync_changes (record_id, record_table);
