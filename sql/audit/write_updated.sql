-- Purpose: keep before and after of each updated record, and the conflicts with all their values
-- In: pln_records, pln_changes, pln_links
-- Out: etl.sync_changes
-- Params: $1 sync_id
INSERT INTO etl.sync_changes (
    sync_id, unique_id, record_table, record_id, action, before, after, conflicts, taken_over_links
)
WITH links AS (
    SELECT
        seq,
        jsonb_agg(
            jsonb_build_object(
                'id', link_id, 'path', path, 'category', category_id, 'order', link_order, 'kept', is_kept
            )
            ORDER BY link_id
        ) AS taken_over
    FROM pln_links
    GROUP BY seq
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
    links.taken_over
FROM pln_records AS records
INNER JOIN pln_changes AS changes ON records.seq = changes.seq
LEFT JOIN links ON records.seq = links.seq
WHERE records.action = 'update'
ORDER BY records.seq;
