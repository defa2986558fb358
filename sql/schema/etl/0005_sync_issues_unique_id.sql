-- Purpose: index the findings by record
-- In: none
-- Out: an index
-- Params: none
CREATE INDEX sync_issues_unique_id ON etl.sync_issues (unique_id);
