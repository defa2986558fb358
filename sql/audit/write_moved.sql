-- Purpose: keep what a move made and what it left or removed, with the base's row before and after, by which it can be undone
-- In: mov_rows, mov_fields, mov_images, etl.tenants_base
-- Out: etl.sync_changes
-- Params: $1 sync_id, $2 text: the time of the move
INSERT INTO etl.sync_changes (
    sync_id, unique_id, record_table, record_id, action, before, after, row_images, written_at
)
WITH sides AS (
    SELECT
        seq,
        coalesce(jsonb_object_agg(field, value) FILTER (WHERE side = 'from'), '{}') AS old,
        coalesce(jsonb_object_agg(field, value) FILTER (WHERE side = 'to'), '{}') AS new
    FROM mov_fields
    GROUP BY seq
),

removed AS (
    SELECT
        seq,
        jsonb_object_agg(part, jsonb_build_object('removed', images, 'added', '[]'::jsonb)) AS by_part
    FROM (
        SELECT
            seq,
            part,
            jsonb_agg(image) AS images
        FROM mov_images
        GROUP BY seq, part
    ) AS parts
    GROUP BY seq
),

moved AS (
    SELECT
        planned.*,
        sides.old,
        sides.new,
        removed.by_part,
        jsonb_build_object(
            'base',
            jsonb_build_object(
                'removed', jsonb_build_array(planned.base), 'added', jsonb_build_array(to_jsonb(known))
            )
        ) AS base_images
    FROM mov_rows AS planned
    INNER JOIN sides ON planned.seq = sides.seq
    INNER JOIN etl.tenants_base AS known ON planned.unique_id = known.unique_id
    LEFT JOIN removed ON planned.seq = removed.seq
)

SELECT
    $1,
    changes.unique_id,
    changes.record_table,
    changes.record_id,
    changes.action,
    changes.before,
    changes.after,
    changes.images,
    changes.written_at
FROM (
    SELECT
        seq,
        1 AS place,
        unique_id,
        to_table AS record_table,
        to_id AS record_id,
        'created' AS action,
        '{}'::jsonb AS before,
        new AS after,
        base_images AS images,
        $2::text::timestamptz AS written_at
    FROM moved
    UNION ALL
    SELECT
        seq,
        2,
        unique_id,
        from_table,
        from_id,
        'deleted',
        old,
        '{}',
        base_images || by_part,
        NULL
    FROM moved
    WHERE by_part IS NOT NULL
    UNION ALL
    SELECT
        seq,
        2,
        unique_id,
        from_table,
        from_id,
        'inactivated',
        jsonb_build_object('status', status),
        jsonb_build_object('status', 'INACTIVE'),
        base_images,
        $2::text::timestamptz
    FROM moved
    WHERE by_part IS NULL AND status IS DISTINCT FROM 'INACTIVE'
) AS changes
ORDER BY changes.seq, changes.place;
