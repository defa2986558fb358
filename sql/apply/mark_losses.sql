-- Purpose: remember since when a row is gone from the CMS, or has values there that the job had replaced; forget it when not
-- In: pln_records, pln_fields
-- Out: etl.tenants_base
-- Params: $1 text: the time of the run
UPDATE etl.tenants_base AS base
SET
    vanished_since = CASE WHEN seen.is_vanished THEN coalesce(base.vanished_since, $1::text::timestamptz) END,
    put_back_since = CASE WHEN seen.is_put_back THEN coalesce(base.put_back_since, $1::text::timestamptz) END
FROM (
    SELECT
        records.base_unique_id,
        coalesce(records.reason IN ('deleted_in_cms', 'in_trash'), false) AS is_vanished,
        coalesce(
            records.seq IN (
                SELECT fields.seq FROM pln_fields AS fields
                WHERE fields.is_put_back AND fields.verdict <> 'conflict' AND NOT fields.is_written
            ),
            false
        ) AS is_put_back
    FROM pln_records AS records
    -- of a row that waits the base stays as it is
    WHERE records.base_unique_id IS NOT null AND records.reason IS DISTINCT FROM 'open_in_cms'
) AS seen
WHERE
    base.unique_id = seen.base_unique_id
    AND ((base.vanished_since IS NOT null) <> seen.is_vanished OR (base.put_back_since IS NOT null) <> seen.is_put_back);
