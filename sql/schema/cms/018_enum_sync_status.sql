-- Purpose: make the CMS's enum enum_api_sync_logs_status, in an empty database only
-- In: none
-- Out: a type
-- Params: none
CREATE TYPE enum_api_sync_logs_status AS ENUM ('RUNNING', 'COMPLETED', 'FAILED', 'PARTIAL');
