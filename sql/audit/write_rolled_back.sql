-- Purpose: keep what a rollback changed, and the rows that it removed and added
-- In: rbk_changes, rbk_back, rbk_rows
-- Out: etl.sync_changes
-- Params: $1 sync_id, $2 text: the time of the rollback
INSERT INTO etl.sync_changes (
    sync_id, unique_id, record_table, record_id, action, before, after, row_images, written_at
)
WITH parts AS (
    SELECT
        seq,
        part,
        jsonb_build_object(
            'removed', coalesce(jsonb_agg(image) FILTER (WHERE side = 'removed'), '[]'),
            'added', coalesce(jsonb_agg(image) FILTER (WHERE side = 'added'), '[]')
        ) AS images
    FROM rbk_rows
    GROUP BY seq, part
),

images AS (
    SELECT
        seq,
        jsonb_object_agg(part, images) AS by_part
    FROM parts
    GROUP BY seq
)

SELECT
    $1,
    coalesce(back.after ->> 'unique_id', changes.unique_id),
    changes.record_table,
    changes.record_id,
    CASE changes.outcome WHEN 'put_back' THEN 'updated' ELSE changes.outcome END,
    CASE changes.outcome WHEN 'deleted' THEN changes.after WHEN 'restored' THEN '{}' ELSE back.before END,
    CASE changes.outcome WHEN 'deleted' THEN '{}' WHEN 'restored' THEN changes.before ELSE back.after END,
    CASE
        WHEN changes.outcome = 'put_back'
            -- said even where none was removed: no hours per day is a state to come back to
            THEN
                CASE
                    WHEN back.after ? 'hours'
                        THEN jsonb_build_object('hours', jsonb_build_object('removed', '[]'::jsonb, 'added', '[]'::jsonb))
                    ELSE '{}'
                END
                || CASE
                    WHEN back.after ?| ARRAY['category', 'hidden_links']
                        THEN jsonb_build_object('rels', jsonb_build_object('removed', '[]'::jsonb, 'added', '[]'::jsonb))
                    ELSE '{}'
                END
                || coalesce(images.by_part, '{}')
        ELSE images.by_part
    END,
    CASE
        WHEN changes.outcome = 'restored'
            THEN (changes.row_images #>> '{record,removed,0,updated_at}')::timestamptz
        WHEN changes.outcome <> 'deleted' THEN $2::text::timestamptz
    END
FROM rbk_changes AS changes
LEFT JOIN rbk_back AS back ON changes.seq = back.seq
LEFT JOIN images ON changes.seq = images.seq
WHERE changes.outcome IN ('put_back', 'inactivated', 'deleted', 'restored')
ORDER BY changes.seq;
