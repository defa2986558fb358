-- Purpose: delete runs from the CMS's screen of runs; their lists go with them
-- In: none
-- Out: api_sync_logs
-- Params: $1 text: their ids as a JSON list
DELETE FROM api_sync_logs
WHERE sync_id::text IN (SELECT jsonb_array_elements_text($1::text::jsonb));
