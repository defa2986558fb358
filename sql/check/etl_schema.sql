-- Purpose: tell whether the job's schema is there, and whether it names the build that made it
-- In: pg_class
-- Out: one row: is_there, has_build
-- Params: none
SELECT
    count(*) > 0 AS is_there,
    to_regclass('etl.schema_build') IS NOT NULL AS has_build
FROM pg_class
WHERE relnamespace = to_regnamespace('etl');
