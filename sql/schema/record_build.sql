-- Purpose: keep which build made the job's schema
-- In: none
-- Out: etl.schema_build
-- Params: $1 fingerprint of etl.sql, $2 version of the job
INSERT INTO etl.schema_build (fingerprint, version)
VALUES ($1, $2);
