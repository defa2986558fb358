-- Purpose: find values in the CMS that the job itself had replaced: a form that was open before, or an earlier state put back
-- In: pln_records, etl.sync_changes
-- Out: pln_fields
-- Params: $1 bool: take the source's value again; `{{ before_form }}` is what is compared of `changes.before ->> fields.field`,
--         `{{ theirs_form }}` of `fields.theirs`
WITH last_changes AS (
    SELECT
        kept.seq,
        kept.field,
        max(changes.id) AS change_id
    FROM pln_fields AS kept
    INNER JOIN pln_records AS records ON kept.seq = records.seq
    INNER JOIN etl.sync_changes AS changes
        ON records.record_id = changes.record_id AND records.record_table = changes.record_table
    WHERE kept.verdict IN ('kept', 'conflict') AND records.base_unique_id IS NOT null AND changes.after ? kept.field
    GROUP BY kept.seq, kept.field
)

UPDATE pln_fields AS fields
SET
    is_put_back = true,
    verdict = CASE WHEN fields.verdict = 'kept' AND $1::bool THEN 'source' ELSE fields.verdict END,
    is_written = fields.is_written OR $1::bool
FROM last_changes
INNER JOIN etl.sync_changes AS changes ON last_changes.change_id = changes.id
WHERE
    fields.seq = last_changes.seq
    AND fields.field = last_changes.field
    -- the last change of a field has no value before it where it made the row
    AND changes.before ? fields.field
    AND {{ before_form }} IS NOT DISTINCT FROM {{ theirs_form }};
