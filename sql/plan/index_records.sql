-- Purpose: let the plan be joined in the order of the feed
-- In: pln_records
-- Out: an index on it
-- Params: none
CREATE INDEX ON pln_records (seq);
