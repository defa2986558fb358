-- Purpose: let wide rows be joined in the order of the feed, so that none has to be sorted
-- In: stg_tenants, or etl.<run>_tenants, which several processes loaded
-- Out: an index on it
-- Params: none; `{{ table }}` is one of them
CREATE UNIQUE INDEX ON {{ table }} (seq);
