-- Purpose: make the list of findings, one row a finding
-- In: none
-- Out: a table
-- Params: none
CREATE TABLE etl.sync_issues (
    id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sync_id text NOT NULL REFERENCES etl.sync_logs,
    unique_id text,
    severity text NOT NULL CHECK (severity IN ('error', 'warning')),
    code text NOT NULL,
    field text,
    message text NOT NULL,
    value text
);
