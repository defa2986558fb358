-- Purpose: tell whether the role may make tables in the job's own schema
-- In: none
-- Out: one row
-- Params: none
SELECT has_schema_privilege('etl', 'CREATE') AS may_create;
