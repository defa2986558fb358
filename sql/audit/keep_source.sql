-- Purpose: remember the source that a run loaded, and the figures of its feed where that came whole
-- In: none
-- Out: etl.sources
-- Params: $1 sync_id, $2 what its ids begin with, $3 its name, $4 its address or null, $5 whether the feed was whole,
-- $6 records, $7 unmapped floors, $8 unmapped categories
INSERT INTO etl.sources AS kept (
    id_prefix, name, external_api_url, first_sync_id, last_sync_id, good_sync_id,
    records_fetched, unmapped_floors, unmapped_categories
)
SELECT
    $2,
    $3,
    $4,
    $1,
    $1,
    CASE WHEN $5::bool THEN $1 END,
    CASE WHEN $5::bool THEN $6::int8 END,
    CASE WHEN $5::bool THEN $7::int8 END,
    CASE WHEN $5::bool THEN $8::int8 END
ON CONFLICT (id_prefix) DO UPDATE SET
    name = excluded.name,
    external_api_url = coalesce(excluded.external_api_url, kept.external_api_url),
    last_sync_id = excluded.last_sync_id,
    good_sync_id = coalesce(excluded.good_sync_id, kept.good_sync_id),
    records_fetched = coalesce(excluded.records_fetched, kept.records_fetched),
    unmapped_floors = coalesce(excluded.unmapped_floors, kept.unmapped_floors),
    unmapped_categories = coalesce(excluded.unmapped_categories, kept.unmapped_categories);
