-- Purpose: make the CMS's own screen of runs in an empty database, just as Payload does
-- In: the files before it, in the order of etl/load/schema.py
-- Out: tables
-- Params: none; written by `make cms-tables` (tests/payload/tables.py), not by hand
CREATE TABLE api_sync_logs (
    id serial PRIMARY KEY,
    sync_id varchar NOT NULL,
    status enum_api_sync_logs_status NOT NULL DEFAULT 'RUNNING',
    started_at timestamptz(3) NOT NULL,
    completed_at timestamptz(3),
    duration_seconds numeric,
    external_api_url varchar NOT NULL,
    api_response_summary_total_records_fetched numeric DEFAULT 0,
    api_response_summary_total_pages numeric DEFAULT 0,
    api_response_summary_last_page_processed numeric DEFAULT 0,
    processing_summary_records_processed numeric DEFAULT 0,
    processing_summary_records_created numeric DEFAULT 0,
    processing_summary_records_updated numeric DEFAULT 0,
    processing_summary_records_failed numeric DEFAULT 0,
    processing_summary_shops_processed numeric DEFAULT 0,
    processing_summary_dinings_processed numeric DEFAULT 0,
    performance_metrics_avg_time_per_record numeric,
    performance_metrics_memory_usage_mb numeric,
    performance_metrics_api_response_time_avg numeric,
    notes varchar,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX api_sync_logs_created_at_idx ON api_sync_logs (created_at);
CREATE UNIQUE INDEX api_sync_logs_sync_id_idx ON api_sync_logs (sync_id);
CREATE INDEX api_sync_logs_updated_at_idx ON api_sync_logs (updated_at);

CREATE TABLE api_sync_logs_errors (
    _order int NOT NULL,
    _parent_id int NOT NULL,
    id varchar PRIMARY KEY,
    timestamp timestamptz(3),
    record_unique_id varchar,
    error_message varchar,
    error_stack varchar,
    CONSTRAINT api_sync_logs_errors_parent_id_fk
    FOREIGN KEY (_parent_id) REFERENCES api_sync_logs ON DELETE CASCADE
);
CREATE INDEX api_sync_logs_errors_order_idx ON api_sync_logs_errors (_order);
CREATE INDEX api_sync_logs_errors_parent_id_idx ON api_sync_logs_errors (_parent_id);

CREATE TABLE api_sync_logs_validation_issues (
    _order int NOT NULL,
    _parent_id int NOT NULL,
    id varchar PRIMARY KEY,
    record_unique_id varchar,
    description varchar,
    CONSTRAINT api_sync_logs_validation_issues_parent_id_fk
    FOREIGN KEY (_parent_id) REFERENCES api_sync_logs ON DELETE CASCADE
);
CREATE INDEX api_sync_logs_validation_issues_order_idx ON api_sync_logs_validation_issues (_order);
CREATE INDEX api_sync_logs_validation_issues_parent_id_idx ON api_sync_logs_validation_issues (_parent_id);

CREATE TABLE api_sync_logs_unmapped_data_unmapped_floors (
    _order int NOT NULL,
    _parent_id int NOT NULL,
    id varchar PRIMARY KEY,
    floor_name varchar,
    CONSTRAINT api_sync_logs_unmapped_data_unmapped_floors_parent_id_fk
    FOREIGN KEY (_parent_id) REFERENCES api_sync_logs ON DELETE CASCADE
);
CREATE INDEX api_sync_logs_unmapped_data_unmapped_floors_order_idx ON api_sync_logs_unmapped_data_unmapped_floors (_order);
CREATE INDEX api_sync_logs_unmapped_data_unmapped_floors_parent_id_idx
ON api_sync_logs_unmapped_data_unmapped_floors (_parent_id);

CREATE TABLE api_sync_logs_unmapped_data_unmapped_categories (
    _order int NOT NULL,
    _parent_id int NOT NULL,
    id varchar PRIMARY KEY,
    category_name varchar,
    type enum_api_sync_logs_unmapped_data_unmapped_categories_type,
    english_name varchar,
    thai_name varchar,
    CONSTRAINT api_sync_logs_unmapped_data_unmapped_categories_parent_id_fk
    FOREIGN KEY (_parent_id) REFERENCES api_sync_logs ON DELETE CASCADE
);
CREATE INDEX api_sync_logs_unmapped_data_unmapped_categories_order_idx
ON api_sync_logs_unmapped_data_unmapped_categories (_order);
CREATE INDEX api_sync_logs_unmapped_data_unmapped_categories_parent_id_idx
ON api_sync_logs_unmapped_data_unmapped_categories (_parent_id);
