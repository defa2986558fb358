-- Purpose: read what became of each source in a run
-- In: etl.sync_sources
-- Out: one row a source, in the order of the settings; none for a run of one source without a name
-- Params: $1 sync_id
SELECT
    source,
    id_prefix,
    status,
    external_api_url,
    snapshot,
    is_complete,
    pages,
    records_fetched,
    records_processed,
    records_created,
    records_updated,
    records_unchanged,
    records_skipped,
    records_rejected,
    records_duplicate,
    records_missing,
    records_inactivated,
    unmapped_floors,
    unmapped_categories,
    error
FROM etl.sync_sources
WHERE sync_id = $1
ORDER BY ordinal;
