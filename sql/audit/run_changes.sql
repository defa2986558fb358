-- Purpose: read the changes of a run
-- In: etl.sync_changes
-- Out: one row a changed record, the JSON columns as text
-- Params: $1 sync_id, $2 int8: how many
SELECT
    unique_id,
    record_table,
    record_id,
    action,
    before::text AS before,
    after::text AS after,
    conflicts::text AS conflicts
FROM etl.sync_changes
WHERE sync_id = $1
ORDER BY id ASC
LIMIT $2;
