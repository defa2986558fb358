-- Purpose: tell whether the role may make temporary tables
-- In: none
-- Out: one row
-- Params: none
SELECT has_database_privilege(current_database(), 'TEMPORARY') AS may_make_temporary;
