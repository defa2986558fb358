-- Purpose: read what people call the rows of the CMS
-- In: shops or dinings with their locales, etl.tenants_base
-- Out: one row a row of the CMS, by id: id, unique_id, source_unique_id, slug, title_en, title_th, title_zh
-- Params: $1 int8: the number of the only row that is wanted, or null for all; `{{ table }}` is shops or dinings
SELECT
    record.id,
    {{ comparable_id_of_record }} AS unique_id,
    base.source_unique_id,
    record.slug::text AS slug,
    max(texts.title) FILTER (WHERE texts._locale = 'en') AS title_en,
    max(texts.title) FILTER (WHERE texts._locale = 'th') AS title_th,
    max(texts.title) FILTER (WHERE texts._locale = 'zh') AS title_zh
FROM {{ table }} AS record
LEFT JOIN {{ table }}_locales AS texts ON record.id = texts._parent_id
LEFT JOIN etl.tenants_base AS base
    ON
        {{ comparable_id_of_record }} = base.unique_id
        AND base.record_table = '{{ table }}'
        AND record.id = base.record_id
WHERE $1::int8 IS NULL OR record.id = $1
GROUP BY record.id, record.unique_id, record.slug, base.source_unique_id
ORDER BY record.id;
