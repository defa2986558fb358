-- Purpose: read what the plan does to each record that has a row in the CMS, or had one
-- In: pln_records, pln_fields, pln_cms, stg_tenants, etl.tenants_base, shops_locales, dinings_locales, shops_rels, dinings_rels
-- Out: one row a record that is updated, inactivated, skipped or missing, or that differs and stays as it is; floor and category as they are now
-- Params: none
WITH shown AS (
    SELECT
        seq,
        action,
        reason,
        unique_id,
        source_unique_id,
        kind,
        record_table,
        record_id,
        base_unique_id
    FROM pln_records AS records
    WHERE
        action IN ('update', 'inactivate', 'skip', 'missing')
        OR (
            action = 'unchanged'
            AND (
                record_table <> kind
                OR EXISTS (SELECT 1 FROM pln_fields AS fields WHERE fields.seq = records.seq)
            )
        )
),

links AS (
    SELECT
        shown.seq,
        link.id,
        link."order",
        link.categories_id
    FROM shown
    INNER JOIN shops_rels AS link ON shown.record_table = 'shops' AND shown.record_id = link.parent_id
    WHERE link.path = 'categories' AND link.categories_id IS NOT NULL
    UNION ALL
    SELECT
        shown.seq,
        link.id,
        link."order",
        link.categories_id
    FROM shown
    INNER JOIN dinings_rels AS link ON shown.record_table = 'dinings' AND shown.record_id = link.parent_id
    WHERE link.path = 'categories' AND link.categories_id IS NOT NULL
),

first_links AS (
    -- an editor may have added others: the source's first, then the last sync's
    SELECT DISTINCT ON (shown.seq)
        shown.seq,
        links.categories_id AS category_id
    FROM shown
    INNER JOIN links ON shown.seq = links.seq
    LEFT JOIN stg_tenants AS staged ON shown.seq = staged.seq
    LEFT JOIN etl.tenants_base AS base ON shown.base_unique_id = base.unique_id
    ORDER BY
        shown.seq ASC,
        coalesce(
            CASE shown.record_table WHEN 'shops' THEN staged.shops_category_id ELSE staged.dinings_category_id END
            = links.categories_id,
            FALSE
        ) DESC,
        coalesce(base.category_id = links.categories_id, FALSE) DESC,
        links."order" ASC,
        links.id ASC
)

SELECT
    shown.seq,
    shown.action,
    shown.reason,
    shown.unique_id,
    shown.source_unique_id,
    coalesce(shown.record_table, shown.kind) AS record_table,
    shown.record_id,
    shown.base_unique_id IS NOT NULL AS has_base,
    coalesce(shown.record_table <> shown.kind AND shown.action <> 'skip', FALSE) AS is_kind_changed,
    coalesce(
        staged.title_en, staged.title_th, base.title_en, base.title_th, shops.title, dinings.title
    ) AS title,
    cms.floor_id,
    first_links.category_id
FROM shown
LEFT JOIN stg_tenants AS staged ON shown.seq = staged.seq
LEFT JOIN etl.tenants_base AS base ON shown.base_unique_id = base.unique_id
LEFT JOIN pln_cms AS cms ON shown.record_table = cms.record_table AND shown.record_id = cms.id
LEFT JOIN first_links ON shown.seq = first_links.seq
LEFT JOIN shops_locales AS shops
    ON shown.record_table = 'shops' AND shown.record_id = shops._parent_id AND shops._locale = 'en'
LEFT JOIN dinings_locales AS dinings
    ON shown.record_table = 'dinings' AND shown.record_id = dinings._parent_id AND dinings._locale = 'en';
