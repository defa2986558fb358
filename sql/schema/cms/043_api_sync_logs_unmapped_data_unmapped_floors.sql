-- Purpose: make the CMS-shaped list api_sync_logs_unmapped_data_unmapped_floors
-- In: none
-- Out: a table
-- Params: none
CREATE TABLE api_sync_logs_unmapped_data_unmapped_floors (
    _order int NOT NULL,
    _parent_id int NOT NULL REFERENCES api_sync_logs ON DELETE CASCADE,
    id varchar PRIMARY KEY,
    floor_name varchar
);
