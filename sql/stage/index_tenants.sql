-- Purpose: let wide rows be joined in the order of the feed, so that none has to be sorted
-- In: stg_tenants
-- Out: an index on it
-- Params: none
CREATE UNIQUE INDEX ON stg_tenants (seq);
