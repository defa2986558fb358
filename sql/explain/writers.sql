-- Purpose: find the last run that wrote each field of CMS rows, and what it wrote
-- In: etl.sync_changes, etl.sync_logs
-- Out: one row a field: record_id, field, form (what is compared of the value), replaced (of the value before, '' for none; null
--      where the run made the row), sync_id, command, started_at
-- Params: $1 text: the table; $2 text: the rows' ids as a JSON list; `{{ written_form }}` is what is compared of `written.value`,
--         `{{ before_form }}` of `changes.before ->> written.field`
SELECT DISTINCT ON (changes.record_id, written.field)
    changes.record_id,
    written.field,
    {{ written_form }} AS form,
    CASE WHEN changes.before ? written.field THEN coalesce({{ before_form }}, '') END AS replaced,
    changes.sync_id,
    logs.command,
    to_char(logs.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS started_at
FROM etl.sync_changes AS changes
INNER JOIN etl.sync_logs AS logs ON changes.sync_id = logs.sync_id
CROSS JOIN LATERAL jsonb_each_text(changes.after) AS written (field, value)
WHERE
    changes.record_table = $1
    AND changes.record_id IN (SELECT jsonb_array_elements_text($2::text::jsonb)::int4)
ORDER BY changes.record_id ASC, written.field ASC, changes.id DESC;
