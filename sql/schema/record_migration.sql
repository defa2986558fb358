-- Purpose: remember that a migration was applied
-- In: none
-- Out: etl.migrations
-- Params: $1 name, $2 version of the job
INSERT INTO etl.migrations (name, version)
VALUES ($1, $2);
