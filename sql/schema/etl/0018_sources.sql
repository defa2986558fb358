-- Purpose: make the list of sources, one row a source that a run of named or of several sources loaded; rows stay
-- In: none
-- Out: a table: which ids are whose, and the figures of its last whole feed, by which the guards judge the next one
-- Params: none
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
