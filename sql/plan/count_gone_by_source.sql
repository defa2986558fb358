-- Purpose: count of each source the records that the last sync had, and those of them that its feed has not
-- In: pln_sources, pln_records, etl.tenants_base
-- Out: one row a source: id_prefix, gone, known
-- Params: none
WITH counted AS (
    SELECT
        coalesce(source.id_prefix, '') AS id_prefix,
        count(*) FILTER (WHERE records.action IN ('missing', 'inactivate')) AS gone,
        count(*) AS known
    FROM etl.tenants_base AS base
    LEFT JOIN pln_records AS records ON base.unique_id = records.base_unique_id
    LEFT JOIN pln_sources AS source ON left(base.unique_id, strpos(base.unique_id, ':')) = source.id_prefix
    WHERE base.missing_since IS NULL
    GROUP BY 1
)

SELECT
    sources.id_prefix,
    coalesce(counted.gone, 0) AS gone,
    coalesce(counted.known, 0) AS known
FROM pln_sources AS sources
LEFT JOIN counted ON sources.id_prefix = counted.id_prefix
ORDER BY sources.ordinal;
