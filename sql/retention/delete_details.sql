-- Purpose: delete changes or findings of the marked runs, as far as they are among the oldest of all
-- In: etl.sync_logs, etl.sync_changes or etl.sync_issues
-- Out: the latter; one row: how many
-- Params: $1 int8: how many are looked at; `{{ table }}` is sync_changes or sync_issues
WITH gone AS (
    DELETE FROM etl.{{ table }}
    WHERE id IN (
        SELECT oldest.id
        FROM (
            -- runs come one after another, and so do their rows: those of marked runs stand before all others
            SELECT
                id,
                sync_id
            FROM etl.{{ table }}
            ORDER BY id
            LIMIT $1
        ) AS oldest
        INNER JOIN etl.sync_logs AS logs ON oldest.sync_id = logs.sync_id
        WHERE logs.details_removed_at IS NOT NULL
    )
    RETURNING 1
)

SELECT count(*) AS deleted
FROM gone;
