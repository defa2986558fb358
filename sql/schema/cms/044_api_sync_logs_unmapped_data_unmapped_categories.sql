-- Purpose: make the CMS-shaped list api_sync_logs_unmapped_data_unmapped_categories
-- In: none
-- Out: a table
-- Params: none
CREATE TABLE api_sync_logs_unmapped_data_unmapped_categories (
    _order int NOT NULL,
    _parent_id int NOT NULL REFERENCES api_sync_logs ON DELETE CASCADE,
    id varchar PRIMARY KEY,
    category_name varchar,
    type enum_api_sync_logs_unmapped_data_unmapped_categories_type,
    english_name varchar,
    thai_name varchar
);
