-- Purpose: make the CMS-shaped table behind its own screen of runs
-- In: none
-- Out: a table
-- Params: none
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
