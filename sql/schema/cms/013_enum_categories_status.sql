-- Purpose: make the CMS's enum enum_categories_status, in an empty database only
-- In: none
-- Out: a type
-- Params: none
CREATE TYPE enum_categories_status AS ENUM ('ACTIVE', 'INACTIVE');
