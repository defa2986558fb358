-- Purpose: find values in the CMS that the job itself had replaced: a form that was open before, or an earlier state put back
-- In: pln_records, etl.sync_changes
-- Out: pln_fields
-- Params: $1 bool: take the source's value again; `{{ before_form }}` is what is compared of `changes.before ->> fields.field`,
--         `{{ theirs_form }}` of `fields.theirs`
UPDATE pln_fields AS fields
SET
    is_put_back = true,
    verdict = CASE WHEN $1::bool THEN 'source' ELSE fields.verdict END,
    is_written = $1::bool
FROM pln_records AS records
WHERE
    fields.verdict = 'kept'
    AND records.seq = fields.seq
    AND records.base_unique_id IS NOT null
    -- null where the last change of the field has no value before it, as that of a new row
    AND (
        SELECT CASE WHEN changes.before ? fields.field THEN jsonb_build_array({{ before_form }}) END
        FROM etl.sync_changes AS changes
        WHERE
            changes.record_table = records.record_table
            AND changes.record_id = records.record_id
            AND changes.after ? fields.field
        ORDER BY changes.id DESC
        LIMIT 1
    ) = jsonb_build_array({{ theirs_form }});
