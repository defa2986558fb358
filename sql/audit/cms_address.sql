-- Purpose: say what a run shows as its address on the CMS's screen, where it must have one: the API's, else where its records
--          are, else what the run is
-- In: etl.sync_logs
-- Out: one text, never null
-- Params: $1 sync_id; a part of cms_start.sql and cms_finish.sql
-- A replay's snapshot is known only once it is open: until then it shows its command.
SELECT
    coalesce(
        called.external_api_url,
        called.snapshot,
        called.command || ' of ' || coalesce(called.options ->> 'of', called.options ->> 'moved'),
        called.command
    )
FROM etl.sync_logs AS called
WHERE called.sync_id = $1::text;
