-- Purpose: compare what is in the CMS now with what the run wrote and what was there before
-- In: rbk_changes, the CMS's tables of shops or dinings
-- Out: rbk_fields: each field of an updated record; of a created one those that are no longer as the run wrote them
-- Params: none; `{{ table }}` is shops or dinings, `{{ fields }}` the contract's: name, value now as text;
--         `{{ before_form }}`, `{{ after_form }}`, `{{ present_form }}` are what of each is compared
INSERT INTO rbk_fields (seq, field, before, after, present, verdict)
WITH compared AS (
    SELECT
        seq,
        record_id,
        was,
        before,
        after
    FROM rbk_changes
    WHERE record_table = '{{ table }}' AND outcome IS NULL
),

hours AS (
    SELECT
        days._parent_id,
        {{ days_of_hours }} AS days
    FROM {{ table }}_opening_hours_per_day AS days
    INNER JOIN compared ON days._parent_id = compared.record_id
    GROUP BY days._parent_id
),

shown AS (
    SELECT
        compared.seq,
        string_agg(
            CASE WHEN link.path = 'categories' THEN link.categories_id::text ELSE link.path END, ', '
            ORDER BY link."order", link.id
        ) AS all_links,
        string_agg(link.categories_id::text, ', ' ORDER BY link.id) FILTER (WHERE link.path = '/') AS hidden_links,
        array_agg(link.categories_id::text) FILTER (WHERE link.path = 'categories') AS categories
    FROM compared
    INNER JOIN {{ table }}_rels AS link ON compared.record_id = link.parent_id
    GROUP BY compared.seq
),

links AS (
    SELECT
        compared.seq,
        shown.hidden_links,
        CASE
            -- a row that goes takes all its links along: each of them counts
            WHEN
                compared.was IN ('created', 'restored')
                AND coalesce(shown.all_links, '') <> coalesce(compared.after ->> 'links', '')
                THEN shown.all_links
            WHEN compared.was IN ('created', 'restored') THEN compared.after ->> 'category'
            WHEN compared.after ->> 'category' = ANY(shown.categories) THEN compared.after ->> 'category'
            WHEN compared.before ->> 'category' = ANY(shown.categories) THEN compared.before ->> 'category'
        END AS category
    FROM compared
    INNER JOIN shown ON compared.seq = shown.seq
)

SELECT
    compared.seq,
    fields.field,
    fields.before,
    fields.after,
    fields.present,
    CASE
        WHEN coalesce(forms.present, '') = coalesce(forms.after, '') THEN 'back'
        WHEN
            compared.was NOT IN ('created', 'restored')
            AND coalesce(forms.present, '') = coalesce(forms.before, '')
            THEN 'same'
        ELSE 'stays'
    END
FROM compared
INNER JOIN {{ table }} AS record ON compared.record_id = record.id
LEFT JOIN {{ table }}_locales AS en ON compared.record_id = en._parent_id AND en._locale = 'en'
LEFT JOIN {{ table }}_locales AS th ON compared.record_id = th._parent_id AND th._locale = 'th'
LEFT JOIN {{ table }}_locales AS zh ON compared.record_id = zh._parent_id AND zh._locale = 'zh'
LEFT JOIN hours ON compared.record_id = hours._parent_id
LEFT JOIN links ON compared.seq = links.seq
CROSS JOIN LATERAL (
    SELECT
        named.field,
        named.present,
        compared.before ->> named.field AS before,
        compared.after ->> named.field AS after
    FROM (
        VALUES
        {{ fields }}
    ) AS named (field, present)
) AS fields
CROSS JOIN LATERAL (
    SELECT
        {{ before_form }} AS before,
        {{ after_form }} AS after,
        {{ present_form }} AS present
    -- or each would be made again wherever it is named
    OFFSET 0
) AS forms
WHERE
    CASE
        WHEN compared.was IN ('created', 'restored')
            THEN coalesce(forms.present, '') <> coalesce(forms.after, '')
        ELSE compared.after ? fields.field
    END;
