-- Purpose: remember the sources that a run loaded, and the figures of those that came whole
-- In: none
-- Out: etl.sources
-- Params: $1 sync_id, $2 a JSON list of objects with the columns of etl.sync_sources
INSERT INTO etl.sources AS kept (
    id_prefix, name, external_api_url, first_sync_id, last_sync_id, good_sync_id,
    records_fetched, unmapped_floors, unmapped_categories
)
SELECT
    given.id_prefix,
    given.source,
    given.external_api_url,
    $1,
    $1,
    CASE WHEN given.is_complete THEN $1 END,
    CASE WHEN given.is_complete THEN given.records_fetched END,
    CASE WHEN given.is_complete THEN given.unmapped_floors END,
    CASE WHEN given.is_complete THEN given.unmapped_categories END
FROM jsonb_to_recordset($2::text::jsonb) AS given (
    id_prefix text,
    source text,
    status text,
    external_api_url text,
    is_complete bool,
    records_fetched int8,
    unmapped_floors int8,
    unmapped_categories int8
)
WHERE given.status <> 'FAILED'
ON CONFLICT (id_prefix) DO UPDATE SET
    name = excluded.name,
    external_api_url = coalesce(excluded.external_api_url, kept.external_api_url),
    last_sync_id = excluded.last_sync_id,
    good_sync_id = coalesce(excluded.good_sync_id, kept.good_sync_id),
    records_fetched = coalesce(excluded.records_fetched, kept.records_fetched),
    unmapped_floors = coalesce(excluded.unmapped_floors, kept.unmapped_floors),
    unmapped_categories = coalesce(excluded.unmapped_categories, kept.unmapped_categories);
