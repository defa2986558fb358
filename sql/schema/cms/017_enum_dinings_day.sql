-- Purpose: make the CMS's enum enum_dinings_opening_hours_per_day_day, in an empty database only
-- In: none
-- Out: a type
-- Params: none
CREATE TYPE enum_dinings_opening_hours_per_day_day AS ENUM ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun');
