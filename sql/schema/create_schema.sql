-- Purpose: make the job's own schema
-- In: none
-- Out: a schema
-- Params: none
CREATE SCHEMA IF NOT EXISTS etl;
