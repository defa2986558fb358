-- Purpose: delete changes of the marked runs, the oldest first
-- In: etl.sync_logs, etl.sync_changes
-- Out: etl.sync_changes; one row: how many
-- Params: $1 int8: how many at most
WITH gone AS (
    DELETE FROM etl.sync_changes
    WHERE id IN (
        SELECT old.id
        FROM etl.sync_logs AS logs
        INNER JOIN etl.sync_changes AS old ON logs.sync_id = old.sync_id
        WHERE logs.details_removed_at IS NOT NULL
        ORDER BY old.id
        LIMIT $1
    )
    RETURNING 1
)

SELECT count(*) AS deleted
FROM gone;
