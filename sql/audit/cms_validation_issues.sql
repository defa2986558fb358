-- Purpose: list a run's warnings on the CMS's screen of runs; labels that fit nothing have lists of their own
-- In: api_sync_logs, etl.sync_issues, etl.tenants_base
-- Out: api_sync_logs_validation_issues; one row: how many there are, listed or not
-- Params: $1 sync_id, $2 int8: how many to list; `{{ columns }}` and `{{ values }}` are those columns that the CMS has;
--         `{{ record_of_finding }}` is record_of_finding.sql
WITH first_found AS (
    SELECT
        unique_id,
        message,
        row_number() OVER (ORDER BY id) AS ordinal
    FROM etl.sync_issues
    WHERE sync_id = $1::text AND severity = 'warning' AND code NOT IN ('unmapped_floor', 'unmapped_category')
    ORDER BY id
    LIMIT $2
),

written AS (
    INSERT INTO api_sync_logs_validation_issues ({{ columns }})
    SELECT {{ values }}
    FROM (
        SELECT
            listed.ordinal AS _order,
            shown.id AS _parent_id,
            left(md5(concat_ws(':', shown.sync_id, 'validation_issues', listed.ordinal)), 24) AS id,
            listed.unique_id AS record_unique_id,
            coalesce(known.title || ' (' || known.record_table || ' ' || known.record_id || '): ', '')
            || listed.message AS description
        FROM first_found AS listed
        INNER JOIN api_sync_logs AS shown ON shown.sync_id = $1::text
        LEFT JOIN LATERAL (
            {{ record_of_finding }}
        ) AS known ON TRUE
    ) AS given
)

SELECT count(*) AS found
FROM etl.sync_issues
WHERE sync_id = $1::text AND severity = 'warning' AND code NOT IN ('unmapped_floor', 'unmapped_category');
