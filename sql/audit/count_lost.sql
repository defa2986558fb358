-- Purpose: count the records of each source that a run loaded before, and that the settings do not name
-- In: etl.sources, etl.tenants_base
-- Out: one row a source that has records: name, records
-- Params: $1 text: what the ids of the sources begin with that the settings name, as a JSON list
SELECT
    lost.name,
    count(*) AS records
FROM etl.sources AS lost
INNER JOIN etl.tenants_base AS base
    ON lost.id_prefix = coalesce(
        (
            SELECT owner.id_prefix FROM etl.sources AS owner
            WHERE owner.id_prefix = left(base.unique_id, strpos(base.unique_id, ':'))
        ),
        ''
    )
WHERE base.missing_since IS NULL AND NOT $1::text::jsonb ? lost.id_prefix
GROUP BY lost.id_prefix, lost.name
ORDER BY lost.id_prefix COLLATE "C";
