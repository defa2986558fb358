-- Purpose: let rows that somebody has open in the CMS wait for the next run: a save of that form would undo what is written now
-- In: pln_records, stg_issues
-- Out: pln_records, pln_fields, pln_changes, pln_links, stg_issues; one row: held, how many rows wait
-- Params: $1 text: the ids of the open rows by table, as JSON
WITH open_rows AS (
    SELECT
        tables.record_table,
        ids.id::int4 AS record_id
    FROM jsonb_each($1::text::jsonb) AS tables (record_table, ids)
    CROSS JOIN LATERAL jsonb_array_elements_text(tables.ids) AS ids (id)
),

held AS (
    UPDATE pln_records AS records
    SET
        -- a record that left the source is none of those that are processed
        action = CASE records.action WHEN 'update' THEN 'skip' ELSE 'missing' END,
        reason = 'open_in_cms'
    FROM open_rows
    WHERE
        records.record_table = open_rows.record_table
        AND records.record_id = open_rows.record_id
        AND records.action IN ('update', 'inactivate')
    RETURNING
        records.seq,
        records.unique_id,
        records.record_table || ' ' || records.record_id AS place
),

unmerged AS (
    DELETE FROM pln_fields AS fields
    USING held
    WHERE fields.seq = held.seq
),

unchanged AS (
    DELETE FROM pln_changes AS changes
    USING held
    WHERE changes.seq = held.seq
),

unlinked AS (
    DELETE FROM pln_links AS links
    USING held
    WHERE links.seq = held.seq
),

unsaid AS (
    -- what the run that writes the row will say
    DELETE FROM stg_issues AS issues
    USING held
    WHERE
        issues.unique_id = held.unique_id
        AND issues.code IN ('conflict', 'put_back', 'id_reassigned', 'returned', 'live_row_left', 'value_kept',
            'in_an_editors_draft')
),

corrected AS (
    UPDATE stg_issues AS issues
    SET message = {{ words_missing_open }}
    FROM held
    WHERE issues.unique_id = held.unique_id AND issues.code = 'missing' AND issues.value = held.place
),

said AS (
    INSERT INTO stg_issues (unique_id, severity, code, field, message, value)
    SELECT
        held.unique_id,
        {{ severity_open_in_cms }},
        'open_in_cms',
        NULL,
        format({{ words_open_in_cms }}, held.place),
        held.place
    FROM held
    ORDER BY held.seq
)

SELECT count(*) AS held
FROM held;
