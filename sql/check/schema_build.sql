-- Purpose: read which build made the job's schema
-- In: etl.schema_build
-- Out: one row: fingerprint, version
-- Params: none
SELECT
    fingerprint,
    version
FROM etl.schema_build;
