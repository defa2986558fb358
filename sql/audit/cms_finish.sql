-- Purpose: close a run on the CMS's screen of runs with what the log of runs says
-- In: etl.sync_logs
-- Out: api_sync_logs, while RUNNING there
-- Params: $1 sync_id, $2 notes; `{{ address }}` is cms_address.sql; `{{ assignments }}` sets those of its columns that the CMS has, cast to their types there
-- Units: avg_time_per_record is the whole run's milliseconds by processed record, api_response_time_avg is milliseconds
-- a request, memory_usage_mb the process's peak in MiB. Failed is what was rejected. Null: not known (a run that failed
-- has no counts, a replayed snapshot no pages and no requests).
UPDATE api_sync_logs AS shown
SET {{ assignments }}
FROM (
    SELECT
        logs.status,
        logs.started_at,
        logs.completed_at,
        round(logs.duration_seconds::numeric, 3) AS duration_seconds,
        ({{ address }}) AS external_api_url,
        logs.records_fetched AS api_response_summary_total_records_fetched,
        api.pages AS api_response_summary_total_pages,
        api.pages AS api_response_summary_last_page_processed,
        logs.records_processed AS processing_summary_records_processed,
        logs.records_created AS processing_summary_records_created,
        logs.records_updated AS processing_summary_records_updated,
        logs.records_rejected AS processing_summary_records_failed,
        logs.shops_processed AS processing_summary_shops_processed,
        logs.dinings_processed AS processing_summary_dinings_processed,
        round((logs.duration_seconds * 1000 / nullif(logs.records_processed, 0))::numeric, 3)
            AS performance_metrics_avg_time_per_record,
        (logs.performance ->> 'peak_memory_mb')::numeric AS performance_metrics_memory_usage_mb,
        CASE WHEN api.pages > 0 THEN round((logs.performance ->> 'latency_avg_s')::numeric * 1000, 3) END
            AS performance_metrics_api_response_time_avg,
        $2::text AS notes,
        now() AS updated_at
    FROM etl.sync_logs AS logs
    CROSS JOIN LATERAL (SELECT nullif((logs.performance ->> 'pages')::int8, 0) AS pages) AS api
    WHERE logs.sync_id = $1::text
) AS given
WHERE shown.sync_id = $1::text AND shown.status::text = 'RUNNING';
