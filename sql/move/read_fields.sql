-- Purpose: read what each row has, field by field: the contract's fields, all links in one, then whatever other column is filled
-- In: mov_rows, the CMS's tables of shops or dinings
-- Out: mov_fields
-- Params: none; `{{ table }}` is shops or dinings, `{{ side }}` is from or to, `{{ category }}` the column of mov_rows with the
--         category of that side, `{{ fields }}` the contract's: name, value now as text; `{{ record_columns }}` and
--         `{{ locale_columns }}` name the columns that those are of
INSERT INTO mov_fields (seq, side, field, value)
WITH wanted AS (
    SELECT
        seq,
        {{ side }}_id AS record_id,
        {{ category }} AS category_id
    FROM mov_rows
    WHERE {{ side }}_table = '{{ table }}'
),

hours AS (
    SELECT
        days._parent_id,
        {{ days_of_hours }} AS days
    FROM {{ table }}_opening_hours_per_day AS days
    INNER JOIN wanted ON days._parent_id = wanted.record_id
    GROUP BY days._parent_id
),

links AS (
    SELECT
        wanted.seq,
        NULL AS hidden_links,
        max(link.categories_id) FILTER (
            WHERE link.path = 'categories' AND link.categories_id = wanted.category_id
        )::text AS category,
        string_agg(
            CASE WHEN link.path = 'categories' THEN link.categories_id::text ELSE link.path END, ', '
            ORDER BY link."order", link.id
        ) AS all_links
    FROM wanted
    INNER JOIN {{ table }}_rels AS link ON wanted.record_id = link.parent_id
    GROUP BY wanted.seq
),

found AS (
    SELECT
        wanted.seq,
        fields.field,
        fields.present
    FROM wanted
    INNER JOIN {{ table }} AS record ON wanted.record_id = record.id
    LEFT JOIN {{ table }}_locales AS en ON wanted.record_id = en._parent_id AND en._locale = 'en'
    LEFT JOIN {{ table }}_locales AS th ON wanted.record_id = th._parent_id AND th._locale = 'th'
    LEFT JOIN {{ table }}_locales AS zh ON wanted.record_id = zh._parent_id AND zh._locale = 'zh'
    LEFT JOIN hours ON wanted.record_id = hours._parent_id
    LEFT JOIN links ON wanted.seq = links.seq
    CROSS JOIN LATERAL (
        VALUES
        {{ fields }}
    ) AS fields (field, present)
    UNION ALL
    SELECT
        links.seq,
        'links',
        links.all_links
    FROM links
    UNION ALL
    SELECT
        wanted.seq,
        more.field,
        more.value
    FROM wanted
    INNER JOIN {{ table }} AS record ON wanted.record_id = record.id
    CROSS JOIN LATERAL jsonb_each_text(to_jsonb(record) - ARRAY[{{ record_columns }}]) AS more (field, value)
    UNION ALL
    SELECT
        wanted.seq,
        more.field || '_' || texts._locale,
        more.value
    FROM wanted
    INNER JOIN {{ table }}_locales AS texts ON wanted.record_id = texts._parent_id
    CROSS JOIN LATERAL jsonb_each_text(to_jsonb(texts) - ARRAY[{{ locale_columns }}]) AS more (field, value)
)

SELECT
    found.seq,
    '{{ side }}',
    found.field,
    found.present
FROM found
WHERE found.present <> ''
ORDER BY found.seq, found.field;
