-- Purpose: list the changes of the run
-- In: etl.sync_changes
-- Out: rbk_changes
-- Params: $1 text: its sync_id
INSERT INTO rbk_changes (seq, change_id, unique_id, record_table, record_id, was, before, after, row_images)
SELECT
    row_number() OVER (ORDER BY id),
    id,
    unique_id,
    record_table,
    record_id,
    action,
    before,
    after,
    row_images
FROM etl.sync_changes
WHERE sync_id = $1
ORDER BY id;
