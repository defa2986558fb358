-- Purpose: empty the demo's own embedded database, so that it starts again
-- In: none
-- Out: none
-- Params: none; `{{ schema }}` is etl or public
DROP SCHEMA IF EXISTS {{ schema }} CASCADE;
