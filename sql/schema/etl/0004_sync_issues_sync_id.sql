-- Purpose: index the findings by run
-- In: none
-- Out: an index
-- Params: none
CREATE INDEX sync_issues_sync_id ON etl.sync_issues (sync_id);
