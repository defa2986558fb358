-- Purpose: make the list of changes, one row a changed record
-- In: none
-- Out: a table
-- Params: none
CREATE TABLE etl.sync_changes (
    id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sync_id text NOT NULL REFERENCES etl.sync_logs,
    unique_id text NOT NULL,
    record_table text NOT NULL CHECK (record_table IN ('shops', 'dinings')),
    record_id int4 NOT NULL,
    action text NOT NULL CHECK (action IN ('created', 'updated', 'inactivated')),
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    conflicts jsonb,
    taken_over_links jsonb
);
