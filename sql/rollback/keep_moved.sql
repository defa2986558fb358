-- Purpose: let both rows of a moved record stay where one of them would be left as it is: the record is in one table, or the other
-- In: rbk_changes, shops, dinings
-- Out: rbk_changes
-- Params: none
WITH moved AS (
    -- one row a record: where it comes back, and where it goes away
    SELECT DISTINCT
        row_images #>> '{base,removed,0,unique_id}' AS unique_id,
        row_images #>> '{base,removed,0,record_table}' AS back_table,
        (row_images #>> '{base,removed,0,record_id}')::int4 AS back_id,
        row_images #>> '{base,added,0,record_table}' AS away_table,
        (row_images #>> '{base,added,0,record_id}')::int4 AS away_id
    FROM rbk_changes
    WHERE row_images ? 'base'
),

cms AS (
    SELECT
        'shops' AS record_table,
        record.id,
        {{ comparable_id_of_record }} AS unique_id,
        record.status::text AS status,
        coalesce((to_jsonb(record) ->> 'skip_sync')::bool, FALSE) AS skip_sync
    FROM shops AS record
    WHERE
        (record.id IN (SELECT moved.back_id FROM moved) OR record.id IN (SELECT moved.away_id FROM moved))
        AND to_jsonb(record) ->> 'deleted_at' IS NULL
    UNION ALL
    SELECT
        'dinings',
        record.id,
        {{ comparable_id_of_record }},
        record.status::text,
        coalesce((to_jsonb(record) ->> 'skip_sync')::bool, FALSE)
    FROM dinings AS record
    WHERE
        (record.id IN (SELECT moved.back_id FROM moved) OR record.id IN (SELECT moved.away_id FROM moved))
        AND to_jsonb(record) ->> 'deleted_at' IS NULL
),

stuck AS (
    SELECT moved.*
    FROM moved
    LEFT JOIN rbk_changes AS back ON moved.back_table = back.record_table AND moved.back_id = back.record_id
    LEFT JOIN rbk_changes AS away ON moved.away_table = away.record_table AND moved.away_id = away.record_id
    LEFT JOIN cms AS back_row
        ON moved.back_table = back_row.record_table AND moved.back_id = back_row.id AND moved.unique_id = back_row.unique_id
    LEFT JOIN cms AS away_row
        ON moved.away_table = away_row.record_table AND moved.away_id = away_row.id AND moved.unique_id = away_row.unique_id
    WHERE
        NOT (
            coalesce(back.outcome IN ('put_back', 'restored'), FALSE)
            OR (back_row.id IS NOT NULL AND NOT back_row.skip_sync AND back.reason IS DISTINCT FROM 'open_in_cms')
        )
        OR NOT (
            coalesce(away.outcome IN ('put_back', 'deleted', 'inactivated'), FALSE)
            OR away_row.id IS NULL
            OR coalesce(away_row.status = 'INACTIVE' AND away.reason IS DISTINCT FROM 'open_in_cms', FALSE)
        )
)

UPDATE rbk_changes AS changes
SET
    is_stuck = TRUE,
    outcome = CASE WHEN planned.is_written THEN 'stays' ELSE changes.outcome END,
    reason = CASE WHEN planned.is_written THEN 'moved' ELSE changes.reason END,
    detail = CASE WHEN planned.is_written THEN planned.other ELSE changes.detail END
FROM (
    SELECT
        own.seq,
        own.outcome IN ('put_back', 'restored', 'deleted', 'inactivated') AS is_written,
        CASE
            WHEN own.record_table = stuck.back_table THEN stuck.away_table || ' ' || stuck.away_id
            ELSE stuck.back_table || ' ' || stuck.back_id
        END AS other
    FROM rbk_changes AS own
    INNER JOIN stuck
        ON
            (own.record_table, own.record_id) IN (
                (stuck.back_table, stuck.back_id), (stuck.away_table, stuck.away_id)
            )
    WHERE own.row_images ? 'base'
) AS planned
WHERE changes.seq = planned.seq;
