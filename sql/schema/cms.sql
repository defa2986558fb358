-- Purpose: make the CMS-shaped tables of an empty database, but for those of shops and dinings (cms_records.sql)
-- In: none
-- Out: types; floors, categories and their texts; the lists behind the CMS's own screen of runs
-- Params: none
CREATE TYPE _locales AS ENUM ('en', 'th', 'zh');
CREATE TYPE enum_floors_status AS ENUM ('ACTIVE', 'INACTIVE');
CREATE TYPE enum_categories_type AS ENUM ('shops', 'dinings', 'promotions', 'events', 'directory');
CREATE TYPE enum_categories_status AS ENUM ('ACTIVE', 'INACTIVE');
CREATE TYPE enum_shops_status AS ENUM ('ACTIVE', 'INACTIVE', 'CLOSED', 'TEMPORARILY_CLOSED', 'COMING_SOON', 'MASTER');
CREATE TYPE enum_dinings_status AS ENUM ('ACTIVE', 'INACTIVE', 'CLOSED', 'TEMPORARILY_CLOSED', 'COMING_SOON', 'MASTER');
CREATE TYPE enum_shops_opening_hours_per_day_day AS ENUM ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun');
CREATE TYPE enum_dinings_opening_hours_per_day_day AS ENUM ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun');
CREATE TYPE enum_api_sync_logs_status AS ENUM ('RUNNING', 'COMPLETED', 'FAILED', 'PARTIAL');
CREATE TYPE enum_api_sync_logs_unmapped_data_unmapped_categories_type AS ENUM ('shops', 'dinings');

CREATE TABLE floors (
    id serial PRIMARY KEY,
    name varchar NOT NULL,
    "order" numeric DEFAULT 1,
    status enum_floors_status DEFAULT 'ACTIVE',
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE categories (
    id serial PRIMARY KEY,
    type enum_categories_type,
    "order" numeric,
    status enum_categories_status DEFAULT 'ACTIVE',
    slug varchar UNIQUE NOT NULL,
    original_id varchar,
    pin_to_directory bool DEFAULT false,
    image_id int,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE categories_locales (
    id serial PRIMARY KEY,
    _locale _locales NOT NULL,
    _parent_id int NOT NULL REFERENCES categories ON DELETE CASCADE,
    name varchar,
    description varchar,
    display_name varchar,
    UNIQUE (_locale, _parent_id)
);

CREATE TABLE api_sync_logs (
    id serial PRIMARY KEY,
    sync_id varchar UNIQUE NOT NULL,
    status enum_api_sync_logs_status DEFAULT 'RUNNING',
    started_at timestamptz(3),
    completed_at timestamptz(3),
    duration_seconds numeric,
    external_api_url varchar,
    api_response_summary_total_records_fetched numeric,
    api_response_summary_total_pages numeric,
    api_response_summary_last_page_processed numeric,
    processing_summary_records_processed numeric,
    processing_summary_records_created numeric,
    processing_summary_records_updated numeric,
    processing_summary_records_failed numeric,
    processing_summary_shops_processed numeric,
    processing_summary_dinings_processed numeric,
    performance_metrics_avg_time_per_record numeric,
    performance_metrics_memory_usage_mb numeric,
    performance_metrics_api_response_time_avg numeric,
    notes varchar,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE api_sync_logs_errors (
    _order int NOT NULL,
    _parent_id int NOT NULL REFERENCES api_sync_logs ON DELETE CASCADE,
    id varchar PRIMARY KEY,
    timestamp timestamptz(3),
    record_unique_id varchar,
    error_message varchar,
    error_stack varchar
);

CREATE TABLE api_sync_logs_validation_issues (
    _order int NOT NULL,
    _parent_id int NOT NULL REFERENCES api_sync_logs ON DELETE CASCADE,
    id varchar PRIMARY KEY,
    record_unique_id varchar,
    description varchar
);

CREATE TABLE api_sync_logs_unmapped_data_unmapped_floors (
    _order int NOT NULL,
    _parent_id int NOT NULL REFERENCES api_sync_logs ON DELETE CASCADE,
    id varchar PRIMARY KEY,
    floor_name varchar
);

CREATE TABLE api_sync_logs_unmapped_data_unmapped_categories (
    _order int NOT NULL,
    _parent_id int NOT NULL REFERENCES api_sync_logs ON DELETE CASCADE,
    id varchar PRIMARY KEY,
    category_name varchar,
    type enum_api_sync_logs_unmapped_data_unmapped_categories_type,
    english_name varchar,
    thai_name varchar
);
