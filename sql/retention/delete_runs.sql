-- Purpose: delete runs from the log of runs
-- In: none
-- Out: etl.sync_logs
-- Params: $1 text: their ids as a JSON list
DELETE FROM etl.sync_logs
WHERE sync_id IN (SELECT jsonb_array_elements_text($1::text::jsonb));
