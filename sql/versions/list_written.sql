-- Purpose: list the rows of a range that were written, each with its latest version and what the new one takes from the row
-- In: `{{ written }}`, ver_drafts, the table of the versions of shops or dinings
-- Out: ver_rows
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings, `{{ written }}` says what is written there,
--         `{{ versions }}` is the table of its versions, `{{ is_latest }}` and `{{ is_published }}` say so of a version,
--         `{{ sequence }}` is what its ids come from
INSERT INTO ver_rows (record_id, old_id, new_id, takes)
WITH latest AS (
    SELECT DISTINCT ON (written.seq)
        written.seq,
        written.record_id,
        written.after,
        version.id AS version_id,
        {{ is_published }} AS is_plain
    FROM (
        {{ written }}
    ) AS written
    LEFT JOIN {{ versions }} AS version ON written.record_id = version.parent_id AND {{ is_latest }}
    WHERE written.seq BETWEEN $1 AND $2
    ORDER BY written.seq ASC, version.updated_at DESC, version.id DESC
),

drafts AS (
    SELECT
        seq,
        array_agg(field) AS fields
    FROM ver_drafts
    WHERE record_table = '{{ table }}'
    GROUP BY seq
)

SELECT
    latest.record_id,
    latest.version_id,
    nextval({{ sequence }}),
    CASE
        WHEN latest.version_id IS NULL OR latest.is_plain THEN NULL
        ELSE
            (
                latest.after
                -- a link that the CMS did not show is one to the category now
                || CASE WHEN latest.after ? 'hidden_links' THEN '{"category": null}' ELSE '{}' END::jsonb
            ) - coalesce(drafts.fields, '{}')
    END
FROM latest
LEFT JOIN drafts ON latest.seq = drafts.seq
ORDER BY latest.seq;
