-- Purpose: read the sources that runs loaded, with the figures of the last whole feed of each
-- In: etl.sources
-- Out: one row a source
-- Params: none
SELECT
    id_prefix,
    name,
    external_api_url,
    last_sync_id,
    good_sync_id,
    records_fetched,
    unmapped_floors,
    unmapped_categories
FROM etl.sources
ORDER BY id_prefix COLLATE "C";
