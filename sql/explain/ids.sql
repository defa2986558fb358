-- Purpose: list the ids under which a record is known to this job, or was
-- In: etl.tenants_base, etl.sync_changes
-- Out: one row an id
-- Params: $1 text: the id asked for; $2 text: the uniqueId that the API sent, or null
SELECT $1::text AS unique_id
UNION
SELECT base.unique_id
FROM etl.tenants_base AS base
WHERE base.source_unique_id IN ($1, $2) OR base.unique_id = $1
UNION
-- a row that was carried over is the same record under another id; of thousands of changes none is joined with the others
SELECT earlier.unique_id
FROM etl.sync_changes AS earlier
WHERE (earlier.record_table, earlier.record_id) IN (
    SELECT latest.record_table, latest.record_id FROM etl.sync_changes AS latest
    WHERE latest.unique_id = $1
)
ORDER BY 1;
