-- Purpose: make the base of the three-way merge: what the last sync had from the source, one row a record
-- In: none
-- Out: a table
-- Params: none
CREATE TABLE etl.tenants_base (
    unique_id text PRIMARY KEY,
    source_unique_id text NOT NULL,
    record_table text NOT NULL CHECK (record_table IN ('shops', 'dinings')),
    record_id int4 NOT NULL,
    record_updated_at timestamptz,
    source_hash int8 NOT NULL,
    first_sync_id text NOT NULL,
    last_sync_id text NOT NULL,
    missing_since timestamptz,
    inactivated_at timestamptz,
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
    hours_same_every_day bool,
    hours_open text,
    hours_close text,
    hours_per_day text,
    floor_id int4,
    category_id int4,
    job_category_id int4
);
