-- Purpose: make the CMS's enum _locales, in an empty database only
-- In: none
-- Out: a type
-- Params: none
CREATE TYPE _locales AS ENUM ('en', 'th', 'zh');
