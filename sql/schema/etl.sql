-- Purpose: make all of the job's own tables, indexes and views
-- In: schema etl, empty (create_schema.sql)
-- Out: tables, indexes, views
-- Params: none

-- which build of this file made the schema: one row, by record_build.sql
CREATE TABLE etl.schema_build (
    is_only_row bool PRIMARY KEY DEFAULT true CHECK (is_only_row),
    fingerprint text NOT NULL,
    version text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);

-- the log of runs, one row a run
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
    -- by a rollback or a move; null for a sync
    records_deleted int8,
    shops_processed int8,
    dinings_processed int8,
    fields_kept int8,
    conflicts int8,
    unmapped_floors int8,
    unmapped_categories int8,
    error text,
    -- that of the command; null while it runs, and of a process that died
    exit_code int2,
    options jsonb NOT NULL DEFAULT '{}',
    performance jsonb NOT NULL DEFAULT '{}',
    repairs jsonb NOT NULL DEFAULT '{}',
    rules jsonb NOT NULL DEFAULT '{}',
    -- pairs of category labels that fit no category: kind, label, en, th
    unmapped_labels jsonb NOT NULL DEFAULT '[]',
    -- since when the run's findings and changes are no longer kept; null while they are
    details_removed_at timestamptz,
    -- when NOTIFY_URL was told of it, or nothing was to be told; from its start on where NOTIFY_URL is not set
    notified_at timestamptz
);
CREATE INDEX sync_logs_started_at ON etl.sync_logs (started_at DESC);
CREATE INDEX sync_logs_due ON etl.sync_logs (id_prefix, started_at) WHERE notified_at IS null;

-- the findings, one row a finding
CREATE TABLE etl.sync_issues (
    id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sync_id text NOT NULL REFERENCES etl.sync_logs,
    unique_id text,
    severity text NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
    code text NOT NULL,
    field text,
    message text NOT NULL,
    value text
);
CREATE INDEX sync_issues_sync_id ON etl.sync_issues (sync_id);
CREATE INDEX sync_issues_unique_id ON etl.sync_issues (unique_id);

-- the changes, one row a changed record
CREATE TABLE etl.sync_changes (
    id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sync_id text NOT NULL REFERENCES etl.sync_logs,
    unique_id text NOT NULL,
    record_table text NOT NULL CHECK (record_table IN ('shops', 'dinings')),
    record_id int4 NOT NULL,
    action text NOT NULL CHECK (action IN ('created', 'updated', 'inactivated', 'deleted', 'restored')),
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    conflicts jsonb,
    taken_over_links jsonb,
    -- rows that the change removed and added, whole, by part of the record: record, locales, rels, hours
    row_images jsonb,
    -- updated_at of the record as the change left it
    written_at timestamptz
);
CREATE INDEX sync_changes_sync_id ON etl.sync_changes (sync_id);
CREATE INDEX sync_changes_unique_id ON etl.sync_changes (unique_id);
-- a row of the CMS may have had another unique_id
CREATE INDEX sync_changes_record ON etl.sync_changes (record_id, record_table);

-- the base of the three-way merge: what the last sync had from the source, one row a record
CREATE TABLE etl.tenants_base (
    unique_id text PRIMARY KEY,
    source_unique_id text NOT NULL,
    record_table text NOT NULL CHECK (record_table IN ('shops', 'dinings')),
    record_id int4 NOT NULL,
    -- shops or dinings, by the source
    kind text NOT NULL CHECK (kind IN ('shops', 'dinings')),
    record_updated_at timestamptz,
    source_hash int8 NOT NULL,
    first_sync_id text NOT NULL,
    last_sync_id text NOT NULL,
    missing_since timestamptz,
    inactivated_at timestamptz,
    -- since when the CMS does not have the row any more, and since when it has values that the job had replaced
    vanished_since timestamptz,
    put_back_since timestamptz,
    title_en text,
    title_th text,
    subtitle_en text,
    subtitle_th text,
    description_en text,
    description_th text,
    meta_title_en text,
    meta_title_th text,
    shop_number text,
    zone text,
    phone text,
    website text,
    start_at timestamptz,
    end_at timestamptz,
    hours text,
    floor_id int4,
    category_id int4,
    job_category_id int4,
    -- which fields of the API were not blank, a bit each (etl/contract/raw.py)
    sent_fields int4,
    -- the category of the table in which the row is not
    other_category_id int4,
    -- what the CMS had at first contact where the source was blank, by field, so that the source's first value is not a conflict
    found_in_cms jsonb,
    -- the fields of which the source has nothing now and had something before, by name; null where there are none
    kept_blank text
);
-- a record of the API has a row a floor
CREATE INDEX tenants_base_source_unique_id ON etl.tenants_base (source_unique_id);

-- which ids are whose, one row a source that a run loaded; rows stay.
-- The figures are those of its last whole feed, by which the guards judge the next one
CREATE TABLE etl.sources (
    id_prefix text PRIMARY KEY,
    name text NOT NULL,
    external_api_url text,
    first_sync_id text NOT NULL,
    last_sync_id text NOT NULL,
    good_sync_id text,
    records_fetched int8,
    unmapped_floors int8,
    unmapped_categories int8
);

-- the latest run, of whatever source
CREATE VIEW etl.latest_sync AS
SELECT *
FROM etl.sync_logs
ORDER BY started_at DESC, sync_id DESC
LIMIT 1;

-- labels that the latest finished run of each source could not match, most frequent first
CREATE VIEW etl.unmapped AS
SELECT
    issues.code,
    issues.value AS label,
    count(*) AS records,
    min(issues.unique_id) AS example,
    min(issues.message) AS message
FROM etl.sync_issues AS issues
WHERE
    issues.code IN ('unmapped_floor', 'unmapped_category')
    AND issues.sync_id IN (
        SELECT DISTINCT ON (logs.id_prefix) logs.sync_id
        FROM etl.sync_logs AS logs
        WHERE logs.status IN ('COMPLETED', 'PARTIAL') AND logs.command = 'sync'
        ORDER BY logs.id_prefix ASC, logs.started_at DESC, logs.sync_id DESC
    )
GROUP BY issues.code, issues.value
ORDER BY records DESC, issues.code ASC, label ASC;
