-- Purpose: count the records of the feed, once taken ids are out
-- In: stg_keys
-- Out: pln_feed
-- Params: none
INSERT INTO pln_feed (processed, shops)
SELECT
    count(*),
    count(*) FILTER (WHERE kind = 'shops')
FROM stg_keys;
