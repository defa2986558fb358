-- Purpose: tell what is in the way of moving each row of a record
-- In: mov_rows, shops, dinings, their locales, etl.sync_changes, etl.sync_logs
-- Out: one row each; is_there: the CMS has the row that the base knows, and not in its trash; twins: other rows of its id in the same table that are
--      not INACTIVE; others: the rows of its id in the other table; left_by: the move that left one of these
-- Params: none
WITH cms AS (
    SELECT
        'shops' AS record_table,
        record.id,
        {{ comparable_id_of_record }} AS unique_id,
        record.status::text AS status,
        coalesce((to_jsonb(record) ->> 'skip_sync')::bool, FALSE) AS skip_sync
    FROM shops AS record
    WHERE to_jsonb(record) ->> 'deleted_at' IS NULL
    UNION ALL
    SELECT
        'dinings',
        record.id,
        {{ comparable_id_of_record }},
        record.status::text,
        coalesce((to_jsonb(record) ->> 'skip_sync')::bool, FALSE)
    FROM dinings AS record
    WHERE to_jsonb(record) ->> 'deleted_at' IS NULL
),

texts AS (
    SELECT
        'shops' AS record_table,
        _parent_id AS id,
        _locale::text AS locale,
        title
    FROM shops_locales
    UNION ALL
    SELECT
        'dinings',
        _parent_id,
        _locale::text,
        title
    FROM dinings_locales
)

SELECT
    planned.seq,
    planned.unique_id,
    planned.base ->> 'source_unique_id' AS source_unique_id,
    planned.from_table,
    planned.from_id,
    planned.to_table,
    planned.base ->> 'missing_since' AS missing_since,
    own.id IS NOT NULL AS is_there,
    coalesce(own.skip_sync, FALSE) AS skip_sync,
    own.status,
    coalesce(en.title, th.title)::text AS title,
    (
        SELECT string_agg(twin.record_table || ' ' || twin.id, ', ' ORDER BY twin.id)
        FROM cms AS twin
        WHERE
            twin.unique_id = planned.unique_id
            AND twin.record_table = planned.from_table
            AND twin.id <> planned.from_id
            AND (own.id IS NULL OR twin.status IS DISTINCT FROM 'INACTIVE')
    ) AS twins,
    (
        SELECT string_agg(other.record_table || ' ' || other.id, ', ' ORDER BY other.id)
        FROM cms AS other
        WHERE other.unique_id = planned.unique_id AND other.record_table <> planned.from_table
    ) AS others,
    (
        SELECT max(changes.sync_id)
        FROM etl.sync_changes AS changes
        INNER JOIN etl.sync_logs AS logs ON changes.sync_id = logs.sync_id
        WHERE
            changes.unique_id = planned.unique_id
            AND changes.record_table <> planned.from_table
            AND changes.action = 'inactivated'
            AND logs.command = 'move'
    ) AS left_by
FROM mov_rows AS planned
LEFT JOIN cms AS own
    ON
        planned.from_table = own.record_table
        AND planned.from_id = own.id
        -- ids are only as good as the last restore of the CMS: the row must still say whose it is
        AND planned.unique_id = own.unique_id
LEFT JOIN texts AS en ON own.record_table = en.record_table AND own.id = en.id AND en.locale = 'en'
LEFT JOIN texts AS th ON own.record_table = th.record_table AND own.id = th.id AND th.locale = 'th'
ORDER BY planned.seq;
