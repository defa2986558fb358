-- Purpose: make the types of the CMS's tables in an empty database, just as Payload does
-- In: none
-- Out: types
-- Params: none; written by `make cms-tables` (tests/payload/tables.py), not by hand
CREATE TYPE _locales AS ENUM ('th', 'en', 'zh');
CREATE TYPE enum_api_sync_logs_status AS ENUM ('RUNNING', 'COMPLETED', 'FAILED', 'PARTIAL');
CREATE TYPE enum_api_sync_logs_unmapped_data_unmapped_categories_type AS ENUM ('shops', 'dinings');
CREATE TYPE enum_categories_status AS ENUM ('ACTIVE', 'INACTIVE');
CREATE TYPE enum_categories_type AS ENUM ('shops', 'dinings', 'promotions', 'events', 'directory');
CREATE TYPE enum_dinings_opening_hours_per_day_day AS ENUM ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun');
CREATE TYPE enum_dinings_status AS ENUM ('ACTIVE', 'INACTIVE', 'CLOSED', 'TEMPORARILY_CLOSED', 'COMING_SOON', 'MASTER');
CREATE TYPE enum_floors_status AS ENUM ('ACTIVE', 'INACTIVE');
CREATE TYPE enum_shops_opening_hours_per_day_day AS ENUM ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun');
CREATE TYPE enum_shops_status AS ENUM ('ACTIVE', 'INACTIVE', 'CLOSED', 'TEMPORARILY_CLOSED', 'COMING_SOON', 'MASTER');
