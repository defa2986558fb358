-- Purpose: make the log of what became of each source in a run of named or of several sources
-- In: none
-- Out: a table, one row a run and source; FAILED: nothing of it was loaded
-- Params: none
CREATE TABLE etl.sync_sources (
    sync_id text NOT NULL REFERENCES etl.sync_logs ON DELETE CASCADE,
    ordinal int4 NOT NULL,
    source text NOT NULL,
    id_prefix text NOT NULL,
    status text NOT NULL CHECK (status IN ('COMPLETED', 'PARTIAL', 'FAILED')),
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
    error text,
    PRIMARY KEY (sync_id, ordinal)
);
