-- Purpose: list a run's errors on the CMS's screen of runs: its own, then those of records that were not loaded
-- In: api_sync_logs, etl.sync_logs, etl.sync_issues, etl.tenants_base
-- Out: api_sync_logs_errors; one row: how many there are, listed or not
-- Params: $1 sync_id, $2 int8: how many to list; `{{ columns }}` and `{{ values }}` are those columns that the CMS has;
--         `{{ record_of_finding }}` is record_of_finding.sql
WITH found AS (
    SELECT
        0 AS issue_id,
        completed_at AS found_at,
        NULL AS unique_id,
        error AS message
    FROM etl.sync_logs
    WHERE sync_id = $1::text AND error IS NOT NULL
    UNION ALL
    SELECT
        issues.id,
        logs.completed_at,
        issues.unique_id,
        issues.message
    FROM etl.sync_issues AS issues
    INNER JOIN etl.sync_logs AS logs ON issues.sync_id = logs.sync_id
    WHERE issues.sync_id = $1::text AND issues.severity = 'error'
),

first_found AS (
    SELECT
        *,
        row_number() OVER (ORDER BY issue_id) AS ordinal
    FROM found
    ORDER BY issue_id
    LIMIT $2
),

written AS (
    INSERT INTO api_sync_logs_errors ({{ columns }})
    SELECT {{ values }}
    FROM (
        SELECT
            listed.ordinal AS _order,
            shown.id AS _parent_id,
            left(md5(concat_ws(':', shown.sync_id, 'errors', listed.ordinal)), 24) AS id,
            listed.found_at AS timestamp,
            listed.unique_id AS record_unique_id,
            coalesce(known.title || ' (' || known.record_table || ' ' || known.record_id || '): ', '')
            || listed.message AS error_message
        FROM first_found AS listed
        INNER JOIN api_sync_logs AS shown ON shown.sync_id = $1::text
        LEFT JOIN LATERAL (
            {{ record_of_finding }}
        ) AS known ON TRUE
    ) AS given
)

SELECT count(*) AS found FROM found;
