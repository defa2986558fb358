-- Purpose: make the CMS's enum enum_floors_status, in an empty database only
-- In: none
-- Out: a type
-- Params: none
CREATE TYPE enum_floors_status AS ENUM ('ACTIVE', 'INACTIVE');
