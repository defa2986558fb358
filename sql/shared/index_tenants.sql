-- Purpose: let wide rows be joined in the order of the feed, so that none has to be sorted
-- In: etl.<run>_tenants
-- Out: an index on it
-- Params: none; `{{ run }}` is made of the run's id
CREATE UNIQUE INDEX ON etl.{{ run }}_tenants (seq);
