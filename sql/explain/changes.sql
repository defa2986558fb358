-- Purpose: read what runs changed of a record
-- In: etl.sync_changes
-- Out: one row a change, in the order in which they were written; the JSON columns as text
-- Params: $1 text: the record's ids as a JSON list; $2 text: the runs as a JSON list
SELECT
    sync_id,
    unique_id,
    record_table,
    record_id,
    action,
    before::text AS before,
    after::text AS after,
    conflicts::text AS conflicts
FROM etl.sync_changes
WHERE
    unique_id IN (SELECT jsonb_array_elements_text($1::text::jsonb))
    AND sync_id IN (SELECT jsonb_array_elements_text($2::text::jsonb))
ORDER BY id;
