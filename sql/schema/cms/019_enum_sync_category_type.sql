-- Purpose: make the CMS's enum enum_api_sync_logs_unmapped_data_unmapped_categories_type, in an empty database only
-- In: none
-- Out: a type
-- Params: none
CREATE TYPE enum_api_sync_logs_unmapped_data_unmapped_categories_type AS ENUM ('shops', 'dinings');
