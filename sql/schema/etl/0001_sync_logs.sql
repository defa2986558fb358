-- Purpose: make the log of runs, one row a run
-- In: none
-- Out: a table
-- Params: none
CREATE TABLE etl.sync_logs (
    sync_id text PRIMARY KEY,
    command text NOT NULL DEFAULT 'sync',
    source text NOT NULL DEFAULT '',
    id_prefix text NOT NULL DEFAULT '',
    status text NOT NULL CHECK (status IN ('RUNNING', 'COMPLETED', 'PARTIAL', 'FAILED')),
    started_at timestamptz NOT NULL,
    completed_at timestamptz,
    duration_seconds float8,
    external_api_url text,
    snapshot text,
    version text NOT NULL,
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
    shops_processed int8,
    dinings_processed int8,
    fields_kept int8,
    conflicts int8,
    unmapped_floors int8,
    unmapped_categories int8,
    error text,
    options jsonb NOT NULL DEFAULT '{}',
    performance jsonb NOT NULL DEFAULT '{}',
    repairs jsonb NOT NULL DEFAULT '{}',
    rules jsonb NOT NULL DEFAULT '{}',
    unmapped_labels jsonb NOT NULL DEFAULT '[]'
);
