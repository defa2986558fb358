-- Purpose: make the CMS-shaped list api_sync_logs_errors
-- In: none
-- Out: a table
-- Params: none
CREATE TABLE api_sync_logs_errors (
    _order int NOT NULL,
    _parent_id int NOT NULL REFERENCES api_sync_logs ON DELETE CASCADE,
    id varchar PRIMARY KEY,
    timestamp timestamptz(3),
    record_unique_id varchar,
    error_message varchar,
    error_stack varchar
);
