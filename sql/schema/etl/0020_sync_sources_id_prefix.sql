-- Purpose: index the log of sources by source and time
-- In: none
-- Out: an index
-- Params: none
CREATE INDEX sync_sources_id_prefix ON etl.sync_sources (id_prefix, sync_id);
