-- Purpose: show a run on the CMS's screen of runs, RUNNING, unless it is there
-- In: etl.sync_logs
-- Out: api_sync_logs
-- Params: $1 sync_id; `{{ address }}` is cms_address.sql; `{{ columns }}` and `{{ values }}` are those of its columns that the CMS has, cast to their types there
INSERT INTO api_sync_logs ({{ columns }})
SELECT {{ values }}
FROM (
    SELECT
        sync_id,
        'RUNNING' AS status,
        started_at,
        ({{ address }}) AS external_api_url,
        now() AS updated_at,
        now() AS created_at
    FROM etl.sync_logs
    WHERE sync_id = $1::text
) AS given
WHERE NOT EXISTS (SELECT 1 FROM api_sync_logs AS shown WHERE shown.sync_id = $1::text);
