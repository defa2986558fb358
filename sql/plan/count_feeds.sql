-- Purpose: count the records of each source's feed, once duplicates and taken ids are out
-- In: stg_keys
-- Out: pln_sources
-- Params: none
UPDATE pln_sources AS sources
SET processed = counted.records
FROM (
    SELECT
        coalesce(source.id_prefix, '') AS id_prefix,
        count(*) AS records
    FROM stg_keys AS keys
    LEFT JOIN pln_sources AS source
        ON left(keys.source_unique_id, strpos(keys.source_unique_id, ':')) = source.id_prefix
    GROUP BY 1
) AS counted
WHERE sources.id_prefix = counted.id_prefix;
