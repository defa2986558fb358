-- Purpose: say what became of each source in a run; of one that failed too, where nobody has said it yet
-- In: etl.sync_logs
-- Out: etl.sync_sources
-- Params: $1 sync_id, $2 a JSON list of objects with the columns, in the order of the settings
INSERT INTO etl.sync_sources (
    sync_id, ordinal, source, id_prefix, status, external_api_url, snapshot, is_complete, pages, records_fetched,
    records_processed, records_created, records_updated, records_unchanged, records_skipped, records_rejected,
    records_duplicate, records_missing, records_inactivated, unmapped_floors, unmapped_categories, error
)
SELECT
    logs.sync_id,
    given.ordinal,
    given.source,
    given.id_prefix,
    given.status,
    given.external_api_url,
    given.snapshot,
    given.is_complete,
    given.pages,
    given.records_fetched,
    given.records_processed,
    given.records_created,
    given.records_updated,
    given.records_unchanged,
    given.records_skipped,
    given.records_rejected,
    given.records_duplicate,
    given.records_missing,
    given.records_inactivated,
    given.unmapped_floors,
    given.unmapped_categories,
    given.error
FROM etl.sync_logs AS logs
CROSS JOIN jsonb_to_recordset($2::text::jsonb) AS given (
    ordinal int4,
    source text,
    id_prefix text,
    status text,
    external_api_url text,
    snapshot text,
    is_complete bool,
    pages int8,
    records_fetched int8,
    records_processed int8,
    records_created int8,
    records_updated int8,
    records_unchanged int8,
    records_skipped int8,
    records_rejected int8,
    records_duplicate int8,
    records_missing int8,
    records_inactivated int8,
    unmapped_floors int8,
    unmapped_categories int8,
    error text
)
WHERE logs.sync_id = $1
ON CONFLICT (sync_id, ordinal) DO NOTHING;
