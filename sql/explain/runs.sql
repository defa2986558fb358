-- Purpose: list the runs that changed a record or found something about it, newest first
-- In: etl.sync_logs, etl.sync_changes, etl.sync_issues
-- Out: one row a run; runs is how many there are in all
-- Params: $1 text: the record's ids as a JSON list; $2 int8: how many
WITH named AS (
    SELECT jsonb_array_elements_text($1::text::jsonb) AS unique_id
)

SELECT
    logs.sync_id,
    logs.command,
    to_char(logs.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS started_at,
    logs.status,
    count(*) OVER () AS runs
FROM etl.sync_logs AS logs
WHERE
    logs.sync_id IN (
        SELECT changes.sync_id FROM etl.sync_changes AS changes
        WHERE changes.unique_id IN (SELECT named.unique_id FROM named)
        UNION
        SELECT issues.sync_id FROM etl.sync_issues AS issues
        WHERE issues.unique_id IN (SELECT named.unique_id FROM named)
    )
ORDER BY logs.started_at DESC, logs.sync_id DESC
LIMIT nullif($2::int8, 0);
