-- Purpose: make the list of applied migrations
-- In: none
-- Out: a table
-- Params: none
CREATE TABLE IF NOT EXISTS etl.migrations (
    name text PRIMARY KEY,
    version text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
