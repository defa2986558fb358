-- Purpose: read the hash of every record's last source
-- In: etl.tenants_base
-- Out: one int8 a record
-- Params: none
SELECT source_hash
FROM etl.tenants_base;
