-- Purpose: make the CMS's enum enum_categories_type, in an empty database only
-- In: none
-- Out: a type
-- Params: none
CREATE TYPE enum_categories_type AS ENUM ('shops', 'dinings', 'promotions', 'events', 'directory');
