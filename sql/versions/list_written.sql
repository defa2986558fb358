-- Purpose: list the rows of a range that were written, each with its latest version and what the new one takes from the row
-- In: `{{ written }}`, ver_drafts, the table of the versions of shops or dinings
-- Out: ver_rows
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings, `{{ written }}` says what is written there,
--         `{{ versions }}` is the table of its versions, `{{ is_latest }}` and `{{ is_published }}` say so of a version,
--         `{{ sequence }}` is what its ids come from
INSERT INTO ver_rows (record_id, old_id, new_id, takes)
WITH written AS MATERIALIZED (
    SELECT
        planned.seq,
        planned.record_id,
        planned.after
    FROM (
        {{ written }}
    ) AS planned
    WHERE planned.seq BETWEEN $1 AND $2
),

latest AS MATERIALIZED (
    SELECT DISTINCT ON (version.parent_id)
        version.id,
        version.parent_id,
        {{ is_published }} AS is_plain
    FROM {{ versions }} AS version
    INNER JOIN written ON version.parent_id = written.record_id
    WHERE {{ is_latest }}
    ORDER BY version.parent_id ASC, version.updated_at DESC, version.id DESC
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
    written.record_id,
    latest.id,
    nextval({{ sequence }}),
    CASE
        WHEN latest.id IS NULL OR latest.is_plain THEN NULL
        ELSE
            (
                written.after
                -- a link that the CMS did not show is one to the category now
                || CASE WHEN written.after ? 'hidden_links' THEN '{"category": null}' ELSE '{}' END::jsonb
            ) - coalesce(drafts.fields, '{}')
    END
FROM written
LEFT JOIN latest ON written.record_id = latest.parent_id
LEFT JOIN drafts ON written.seq = drafts.seq
ORDER BY written.seq;
