-- Purpose: make the CMS's enum enum_shops_status, in an empty database only
-- In: none
-- Out: a type
-- Params: none
CREATE TYPE enum_shops_status AS ENUM ('ACTIVE', 'INACTIVE', 'CLOSED', 'TEMPORARILY_CLOSED', 'COMING_SOON', 'MASTER');
