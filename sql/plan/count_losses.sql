-- Purpose: count the records that the last sync of this source had, those that this feed has not, those whose row is newly gone
-- from the CMS, and those that newly have values there which the job had replaced
-- In: pln_records, pln_fields, etl.tenants_base, etl.sync_changes
-- Out: one row: gone, known, vanished, put_back
-- Params: $1 text: what the ids of the source begin with; $2 text: what those of other sources begin with, as a JSON list
SELECT
    count(*) FILTER (WHERE records.action IN ('missing', 'inactivate')) AS gone,
    count(*) AS known,
    count(*) FILTER (
        WHERE
        records.reason = 'deleted_in_cms'
        AND base.vanished_since IS NULL
        -- a rollback deletes rows too
        AND (
            SELECT changes.action
            FROM etl.sync_changes AS changes
            WHERE changes.record_table = base.record_table AND changes.record_id = base.record_id
            ORDER BY changes.id DESC
            LIMIT 1
        ) IS DISTINCT FROM 'deleted'
    ) AS vanished,
    count(*) FILTER (
        WHERE
        base.put_back_since IS NULL
        AND records.seq IN (
            SELECT fields.seq FROM pln_fields AS fields
            WHERE fields.is_put_back AND fields.verdict <> 'conflict'
        )
    ) AS put_back
FROM etl.tenants_base AS base
LEFT JOIN pln_records AS records ON base.unique_id = records.base_unique_id
WHERE
    base.missing_since IS NULL
    AND (
        left(base.unique_id, strpos(base.unique_id, ':')) = $1
        OR ($1 = '' AND NOT $2::text::jsonb ? left(base.unique_id, strpos(base.unique_id, ':')))
    );
