-- Purpose: delete changes or findings of the marked runs, the oldest first
-- In: etl.sync_logs, etl.sync_changes or etl.sync_issues
-- Out: the latter; one row: how many
-- Params: $1 int8: how many at most; `{{ table }}` is sync_changes or sync_issues
WITH gone AS (
    DELETE FROM etl.{{ table }}
    WHERE id IN (
        SELECT old.id
        FROM etl.sync_logs AS logs
        INNER JOIN etl.{{ table }} AS old ON logs.sync_id = old.sync_id
        WHERE logs.details_removed_at IS NOT NULL
        ORDER BY old.id
        LIMIT $1
    )
    RETURNING 1
)

SELECT count(*) AS deleted
FROM gone;
