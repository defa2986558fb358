-- Purpose: make the CMS's enum enum_shops_opening_hours_per_day_day, in an empty database only
-- In: none
-- Out: a type
-- Params: none
CREATE TYPE enum_shops_opening_hours_per_day_day AS ENUM ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun');
