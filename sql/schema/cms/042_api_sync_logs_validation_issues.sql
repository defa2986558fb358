-- Purpose: make the CMS-shaped list api_sync_logs_validation_issues
-- In: none
-- Out: a table
-- Params: none
CREATE TABLE api_sync_logs_validation_issues (
    _order int NOT NULL,
    _parent_id int NOT NULL REFERENCES api_sync_logs ON DELETE CASCADE,
    id varchar PRIMARY KEY,
    record_unique_id varchar,
    description varchar
);
