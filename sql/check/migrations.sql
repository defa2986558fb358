-- Purpose: list the applied migrations
-- In: etl.migrations
-- Out: one row a migration
-- Params: none
SELECT name
FROM etl.migrations
ORDER BY name;
