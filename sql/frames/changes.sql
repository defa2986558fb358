-- Purpose: read what one run or all runs changed, field by field
-- In: etl.sync_changes
-- Out: one row a field that was written, in the order in which records were written
-- Params: $1 text: sync_id, or null for all
SELECT
    changes.sync_id,
    changes.unique_id,
    changes.record_table,
    changes.record_id,
    changes.action,
    fields.field,
    changes.before ->> fields.field AS before,
    changes.after ->> fields.field AS after
FROM etl.sync_changes AS changes
CROSS JOIN LATERAL (
    SELECT jsonb_object_keys(changes.before || changes.after) AS field
) AS fields
WHERE $1::text IS NULL OR changes.sync_id = $1
ORDER BY changes.id, fields.field;
