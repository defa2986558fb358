-- Purpose: list the changes of the run
-- In: etl.sync_changes
-- Out: rbk_changes
-- Params: $1 text: its sync_id
-- Where a run before migration 0013 moved links, their rows are made from what it kept of them.
INSERT INTO rbk_changes (seq, change_id, unique_id, record_table, record_id, was, before, after, row_images)
SELECT
    row_number() OVER (ORDER BY changes.id),
    changes.id,
    changes.unique_id,
    changes.record_table,
    changes.record_id,
    changes.action,
    changes.before,
    changes.after,
    coalesce(
        changes.row_images,
        CASE
            WHEN changes.after ?| ARRAY['category', 'hidden_links']
                THEN jsonb_build_object(
                    'rels', jsonb_build_object('removed', earlier.removed, 'added', earlier.added)
                )
        END
    )
FROM etl.sync_changes AS changes
CROSS JOIN LATERAL (
    SELECT
        coalesce(
            jsonb_agg(
                jsonb_build_object(
                    'id', links.id,
                    'order', links."order",
                    'parent_id', changes.record_id,
                    'path', links.path,
                    'categories_id', links.category
                )
            ), '[]'
        ) AS removed,
        CASE
            -- nothing rewritten, and a link before: that one was an editor's, and so may be the other
            WHEN changes.after ->> 'category' IS NULL THEN '[]'
            WHEN bool_or(links.kept) OR (count(links.id) = 0 AND changes.before ->> 'category' IS NULL)
                THEN jsonb_build_array(
                    jsonb_build_object(
                        'parent_id', changes.record_id,
                        'path', 'categories',
                        'categories_id', (changes.after ->> 'category')::int4
                    )
                )
            ELSE '[]'
        END AS added
    FROM jsonb_to_recordset(coalesce(changes.taken_over_links, '[]'))
        AS links (id int4, path text, category int4, "order" int4, kept bool)
) AS earlier
WHERE changes.sync_id = $1
ORDER BY changes.id;
