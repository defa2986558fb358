-- Purpose: remember what the CMS had at first contact where the source said nothing, so that the source's first value is not a conflict
-- In: none
-- Out: a column: JSON, by field, the value as the merge compares it; null where there is none
-- Params: none
ALTER TABLE etl.tenants_base
ADD COLUMN found_in_cms jsonb;
