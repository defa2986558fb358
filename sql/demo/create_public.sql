-- Purpose: make the empty schema that a new database has
-- In: none
-- Out: a schema
-- Params: none
CREATE SCHEMA public;
