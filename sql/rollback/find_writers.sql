-- Purpose: tell which later run wrote what is there now, where that is not what the run wrote
-- In: rbk_fields, rbk_changes, etl.sync_changes
-- Out: rbk_fields: by_run
-- Params: none; `{{ later_form }}` and `{{ present_form }}` are what is compared of `later.after ->> kept.field` and `kept.present`
UPDATE rbk_fields AS fields
SET by_run = writers.sync_id
FROM (
    SELECT DISTINCT ON (kept.seq, kept.field)
        kept.seq,
        kept.field,
        later.sync_id
    FROM rbk_fields AS kept
    INNER JOIN rbk_changes AS changes ON kept.seq = changes.seq
    INNER JOIN etl.sync_changes AS later
        ON
            changes.record_id = later.record_id
            AND changes.record_table = later.record_table
            AND changes.change_id < later.id
            AND later.after ? kept.field
            AND nullif({{ later_form }}, '') IS NOT DISTINCT FROM nullif({{ present_form }}, '')
    WHERE kept.verdict = 'stays' AND kept.reason IS NULL
    ORDER BY kept.seq ASC, kept.field ASC, later.id DESC
) AS writers
WHERE fields.seq = writers.seq AND fields.field = writers.field;
