-- Purpose: find the fields that are about to be written and that an editor's draft of the row has otherwise
-- In: `{{ written }}`, shops or dinings with their links, the tables of their versions
-- Out: ver_drafts
-- Params: none; `{{ table }}` is shops or dinings, `{{ written }}` says what is written there, `{{ versions }}` is the table of its versions, `{{ locales }}`, `{{ links }}` and
--         `{{ hours }}` those of their texts, links and days; `{{ is_latest }}` and `{{ is_published }}` say so of a version;
--         `{{ fields }}` are the contract's: name and what the version has, as text; `{{ draft_form }}`, `{{ before_form }}` and
--         `{{ after_form }}` are what is compared
INSERT INTO ver_drafts (seq, unique_id, record_table, field, draft, published)
WITH latest AS (
    SELECT DISTINCT ON (version.parent_id)
        written.seq,
        written.unique_id,
        written.record_id,
        written.before,
        written.after,
        version.id AS version_id,
        {{ is_published }} AS is_plain
    FROM (
        {{ written }}
    ) AS written
    INNER JOIN {{ versions }} AS version ON written.record_id = version.parent_id
    WHERE {{ is_latest }}
    ORDER BY version.parent_id ASC, version.updated_at DESC, version.id DESC
),

drafts AS MATERIALIZED (
    SELECT *
    FROM latest
    WHERE NOT coalesce(is_plain, FALSE)
),

links AS (
    SELECT
        drafts.seq,
        drafts.unique_id,
        drafts.after ->> 'category' AS after,
        (
            SELECT string_agg(link.categories_id::text, ', ' ORDER BY link."order", link.id)
            FROM {{ links }} AS link
            WHERE link.parent_id = drafts.version_id AND link.path = 'version.categories'
        ) AS draft,
        (
            SELECT string_agg(link.categories_id::text, ', ' ORDER BY link."order", link.id)
            FROM {{ table }}_rels AS link
            WHERE link.parent_id = drafts.record_id AND link.path = 'categories'
        ) AS before
    FROM drafts
    WHERE drafts.after ?| ARRAY['category', 'hidden_links']
)

SELECT
    drafts.seq,
    drafts.unique_id,
    '{{ table }}',
    sides.field,
    sides.draft,
    sides.after
FROM drafts
INNER JOIN {{ versions }} AS record ON drafts.version_id = record.id
LEFT JOIN {{ locales }} AS en ON record.id = en._parent_id AND en._locale = 'en'
LEFT JOIN {{ locales }} AS th ON record.id = th._parent_id AND th._locale = 'th'
CROSS JOIN LATERAL (
    SELECT {{ days_of_hours }} AS days
    FROM {{ hours }} AS days
    WHERE days._parent_id = record.id AND drafts.after ? 'hours'
) AS hours
CROSS JOIN LATERAL (
    SELECT
        fields.field,
        fields.draft,
        drafts.before ->> fields.field AS before,
        drafts.after ->> fields.field AS after
    FROM (
        VALUES
        {{ fields }}
    ) AS fields (field, draft)
    WHERE drafts.after ? fields.field
) AS sides
CROSS JOIN LATERAL (
    SELECT
        {{ draft_form }} AS draft,
        {{ before_form }} AS before,
        {{ after_form }} AS after
    -- or each would be made again wherever it is named
    OFFSET 0
) AS forms
WHERE forms.draft IS DISTINCT FROM forms.before AND forms.draft IS DISTINCT FROM forms.after
UNION ALL
SELECT
    links.seq,
    links.unique_id,
    '{{ table }}',
    'category',
    links.draft,
    links.after
FROM links
WHERE links.draft IS DISTINCT FROM links.before;
