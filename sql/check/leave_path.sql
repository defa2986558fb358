-- Purpose: leave the search path that the address or the role names, so that no later statement calls what lies on it
-- In: none
-- Out: one row: path, as it was
-- Params: none
SELECT
    pg_catalog.current_setting('search_path') AS path,
    -- after it, as the columns are computed in their order
    pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false) AS own_path;
