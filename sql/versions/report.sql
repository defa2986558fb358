-- Purpose: report the fields that stay as an editor's draft has them, and how many rows no list of the CMS showed
-- In: ver_drafts, ver_missing, stg_issues
-- Out: stg_issues
-- Params: $1 text: hours as people read them, JSON by their text
INSERT INTO stg_issues (unique_id, severity, code, field, message, value)
WITH words AS MATERIALIZED (
    SELECT $1::text::jsonb AS by_text
)

SELECT
    drafts.unique_id,
    {{ severity_in_an_editors_draft }},
    'in_an_editors_draft',
    drafts.field,
    format({{ words_in_an_editors_draft }}, drafts.field),
    jsonb_build_object(
        'draft', CASE WHEN drafts.field = 'hours' THEN words.by_text ->> drafts.draft ELSE drafts.draft END,
        'published', CASE WHEN drafts.field = 'hours' THEN words.by_text ->> drafts.published ELSE drafts.published END
    )::text
FROM ver_drafts AS drafts
CROSS JOIN words
UNION ALL
SELECT
    NULL,
    {{ severity_not_in_a_list }},
    'not_in_a_list',
    NULL,
    format({{ words_not_in_a_list }}, missing.record_table, count(*)),
    string_agg(missing.record_id::text, ', ' ORDER BY missing.record_id) FILTER (WHERE missing.place <= 10)
FROM (
    SELECT
        record_table,
        record_id,
        row_number() OVER (PARTITION BY record_table ORDER BY record_id) AS place
    FROM ver_missing
) AS missing
GROUP BY missing.record_table
ORDER BY 1 NULLS LAST, 4, 5;
