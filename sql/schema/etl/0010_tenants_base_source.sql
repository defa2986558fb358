-- Purpose: index the base by the API's id, to find a record's rows on several floors
-- In: none
-- Out: an index
-- Params: none
CREATE INDEX tenants_base_source_unique_id ON etl.tenants_base (source_unique_id);
