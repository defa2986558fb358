-- Purpose: keep what a rollback left as it is, and why
-- In: rbk_changes, rbk_fields
-- Out: etl.sync_issues
-- Params: $1 sync_id, $2 text: the hours that stay as people read them, JSON by their text
INSERT INTO etl.sync_issues (sync_id, unique_id, severity, code, field, message, value)
WITH words AS MATERIALIZED (
    SELECT $2::text::jsonb AS by_text
)

SELECT
    $1,
    found.unique_id,
    {{ severity_of_code }},
    found.code,
    found.field,
    found.message,
    found.value
FROM (
    SELECT
        seq,
        unique_id,
        CASE
            WHEN reason = 'refused' THEN 'rejected_by_database'
            WHEN outcome = 'inactivated' THEN 'set_inactive'
            WHEN outcome = 'already' THEN 'already_gone'
            ELSE 'not_rolled_back'
        END AS code,
        NULL AS field,
        message,
        record_table || ' ' || record_id AS value
    FROM rbk_changes
    WHERE message IS NOT NULL
    UNION ALL
    SELECT
        fields.seq,
        changes.unique_id,
        'not_rolled_back',
        fields.field,
        format({{ words_not_rolled_back_field }}, fields.field, fields.message),
        jsonb_build_object(
            'before', CASE WHEN fields.field = 'hours' THEN words.by_text ->> fields.before ELSE fields.before END,
            'run', CASE WHEN fields.field = 'hours' THEN words.by_text ->> fields.after ELSE fields.after END,
            'now', CASE WHEN fields.field = 'hours' THEN words.by_text ->> fields.present ELSE fields.present END
        )::text
    FROM rbk_fields AS fields
    INNER JOIN rbk_changes AS changes ON fields.seq = changes.seq
    CROSS JOIN words
    WHERE
        fields.verdict = 'stays'
        AND coalesce(fields.reason, '') NOT IN ('refused', 'open_in_cms')
        -- of a created row it is enough to know that it was changed
        AND changes.was NOT IN ('created', 'restored')
) AS found
ORDER BY found.seq ASC, found.field ASC NULLS FIRST;
