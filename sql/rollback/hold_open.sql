-- Purpose: let rows stay that somebody has open in the CMS: a save of that form would undo what is put back
-- In: rbk_changes
-- Out: rbk_changes, rbk_fields, rbk_back
-- Params: $1 text: the ids of the open rows by table, as JSON
WITH held AS (
    UPDATE rbk_changes AS changes
    SET
        outcome = 'stays',
        reason = 'open_in_cms'
    FROM jsonb_each($1::text::jsonb) AS tables (record_table, ids)
    CROSS JOIN LATERAL jsonb_array_elements_text(tables.ids) AS ids (id)
    WHERE
        changes.record_table = tables.record_table
        AND changes.record_id = ids.id::int4
        AND changes.outcome IN ('put_back', 'deleted', 'inactivated')
    RETURNING changes.seq
),

kept AS (
    DELETE FROM rbk_back AS back
    USING held
    WHERE back.seq = held.seq
)

UPDATE rbk_fields AS fields
SET
    verdict = 'stays',
    reason = 'open_in_cms'
FROM held
WHERE fields.seq = held.seq AND fields.verdict = 'back';
