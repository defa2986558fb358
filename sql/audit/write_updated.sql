-- Purpose: keep before and after of each updated record, the conflicts with all their values, and the links that moved
-- In: pln_records, pln_changes, pln_links, pln_cms, shops_rels, dinings_rels
-- Out: etl.sync_changes
-- Params: $1 sync_id
INSERT INTO etl.sync_changes (
    sync_id, unique_id, record_table, record_id, action, before, after, conflicts, taken_over_links, row_images, written_at
)
WITH links AS (
    SELECT
        links.seq,
        jsonb_agg(
            jsonb_build_object(
                'id', links.link_id,
                'path', links.path,
                'category', links.category_id,
                'order', links.link_order,
                'kept', links.is_kept
            )
            ORDER BY links.link_id
        ) AS taken_over,
        jsonb_agg(
            jsonb_build_object(
                'id', links.link_id,
                'order', links.link_order,
                'parent_id', records.record_id,
                'path', links.path,
                'categories_id', links.category_id
            )
            ORDER BY links.link_id
        ) AS removed,
        bool_or(links.is_kept) AS is_rewritten
    FROM pln_links AS links
    INNER JOIN pln_records AS records ON links.seq = records.seq
    GROUP BY links.seq
),

shown AS (
    SELECT
        'shops' AS record_table,
        id,
        parent_id,
        path,
        categories_id,
        to_jsonb(link) AS image
    FROM shops_rels AS link
    UNION ALL
    SELECT
        'dinings',
        id,
        parent_id,
        path,
        categories_id,
        to_jsonb(link)
    FROM dinings_rels AS link
),

-- the link to the new category is the run's own, unless an editor had made it before
added AS (
    SELECT
        records.seq,
        jsonb_agg(shown.image ORDER BY shown.id) AS images
    FROM pln_records AS records
    INNER JOIN pln_changes AS changes ON records.seq = changes.seq
    INNER JOIN shown ON records.record_table = shown.record_table AND records.record_id = shown.parent_id
    WHERE
        records.action = 'update'
        AND NOT records.has_editors_link
        AND shown.path = 'categories'
        AND shown.categories_id = (changes.after ->> 'category')::int4
    GROUP BY records.seq
)

SELECT
    $1,
    records.unique_id,
    records.record_table,
    records.record_id,
    'updated',
    changes.before,
    changes.after,
    changes.conflicts,
    links.taken_over,
    CASE
        WHEN changes.after ?| ARRAY['category', 'hidden_links']
            THEN jsonb_build_object(
                'rels', jsonb_build_object('removed', coalesce(links.removed, '[]'), 'added', coalesce(added.images, '[]'))
            )
    END,
    cms.updated_at
FROM pln_records AS records
INNER JOIN pln_changes AS changes ON records.seq = changes.seq
INNER JOIN pln_cms AS cms ON records.record_table = cms.record_table AND records.record_id = cms.id
LEFT JOIN links ON records.seq = links.seq
LEFT JOIN added ON records.seq = added.seq
WHERE records.action = 'update'
ORDER BY records.seq;
