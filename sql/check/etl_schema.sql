-- Purpose: tell whether the job's list of migrations is there
-- In: none
-- Out: one row
-- Params: none
SELECT to_regclass('etl.migrations') IS NOT NULL AS is_there;
