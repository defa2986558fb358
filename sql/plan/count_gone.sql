-- Purpose: count the records that the last sync of this source had, and those of them that this feed has not
-- In: pln_records, etl.tenants_base
-- Out: one row: gone, known
-- Params: $1 text: what the ids of the source begin with; $2 text: what those of other sources begin with, as a JSON list
SELECT
    count(*) FILTER (WHERE records.action IN ('missing', 'inactivate')) AS gone,
    count(*) AS known
FROM etl.tenants_base AS base
LEFT JOIN pln_records AS records ON base.unique_id = records.base_unique_id
WHERE
    base.missing_since IS NULL
    AND (
        left(base.unique_id, strpos(base.unique_id, ':')) = $1
        OR ($1 = '' AND NOT $2::text::jsonb ? left(base.unique_id, strpos(base.unique_id, ':')))
    );
