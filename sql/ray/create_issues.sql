-- Purpose: make the list of findings that several processes load at once
-- In: none
-- Out: etl.<run>_issues, unlogged
-- Params: none; `{{ run }}` is made of the run's id
CREATE UNLOGGED TABLE etl.{{ run }}_issues (
    shard int4 NOT NULL,
    ordinal int8 NOT NULL,
    unique_id text,
    severity text NOT NULL,
    code text NOT NULL,
    field text,
    message text NOT NULL,
    value text
) WITH (autovacuum_enabled = false);
