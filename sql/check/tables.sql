-- Purpose: count the tables that are on the search path, to tell an empty database
-- In: information_schema.tables
-- Out: one row: tables
-- Params: none
SELECT count(*) AS tables
FROM information_schema.tables
WHERE table_schema = ANY(current_schemas(false)) AND table_type = 'BASE TABLE';
