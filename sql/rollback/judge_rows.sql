-- Purpose: tell the changes whose row can't be written, or is to come back; the others stay without an outcome
-- In: rbk_changes, etl.sync_changes, the CMS's tables
-- Out: rbk_changes: outcome, reason, title, and the unique_id that the row has now
-- Params: none; `{{ table }}` is shops or dinings
UPDATE rbk_changes AS changes
SET
    outcome = CASE
        WHEN row_now.reason IS NOT NULL AND row_now.reason NOT IN ('gone', 'in_trash') THEN 'stays'
        WHEN changes.was = 'deleted' THEN 'restored'
        WHEN row_now.reason IN ('gone', 'in_trash') AND changes.was IN ('created', 'restored') THEN 'already'
        WHEN row_now.reason IN ('gone', 'in_trash') THEN 'stays'
    END,
    reason = row_now.reason,
    detail = CASE WHEN row_now.reason = 'another_row' THEN row_now.unique_id END,
    title = coalesce(
        row_now.title, changes.after ->> 'title_en', changes.after ->> 'title_th',
        changes.before ->> 'title_en', changes.before ->> 'title_th'
    ),
    unique_id = CASE
        WHEN coalesce(row_now.reason, 'skip_sync') IN ('skip_sync', 'in_trash')
            THEN coalesce(row_now.unique_id, changes.unique_id)
        ELSE changes.unique_id
    END
FROM (
    SELECT
        planned.seq,
        {{ comparable_id_of_record }} AS unique_id,
        coalesce(en.title, th.title) AS title,
        CASE
            WHEN planned.was = 'deleted' AND record.id IS NOT NULL THEN 'id_taken'
            WHEN planned.was = 'deleted' AND others.is_there THEN 'unique_id_taken'
            WHEN planned.was = 'deleted' THEN NULL
            WHEN record.id IS NULL THEN 'gone'
            -- ids are only as good as the last restore of the CMS: the row must still say whose it is
            WHEN {{ comparable_id_of_record }} IS DISTINCT FROM planned.unique_id AND renamed.is_ours IS NULL THEN 'another_row'
            WHEN to_jsonb(record) ->> 'deleted_at' IS NOT NULL THEN 'in_trash'
            WHEN coalesce((to_jsonb(record) ->> 'skip_sync')::bool, false) THEN 'skip_sync'
        END AS reason
    FROM rbk_changes AS planned
    LEFT JOIN {{ table }} AS record ON planned.record_id = record.id
    LEFT JOIN {{ table }}_locales AS en ON record.id = en._parent_id AND en._locale = 'en'
    LEFT JOIN {{ table }}_locales AS th ON record.id = th._parent_id AND th._locale = 'th'
    CROSS JOIN LATERAL (
        SELECT
            planned.row_images #>> '{base,added,0,record_table}' AS record_table,
            (planned.row_images #>> '{base,added,0,record_id}')::int4 AS record_id
    ) AS moved
    LEFT JOIN LATERAL (
        SELECT true AS is_there
        WHERE
            -- but for the row that the same record was moved to
            EXISTS (
                SELECT 1 FROM shops
                WHERE
                    shops.unique_id = planned.unique_id
                    AND ('shops', shops.id) IS DISTINCT FROM (moved.record_table, moved.record_id)
            )
            OR EXISTS (
                SELECT 1 FROM dinings
                WHERE
                    dinings.unique_id = planned.unique_id
                    AND ('dinings', dinings.id) IS DISTINCT FROM (moved.record_table, moved.record_id)
            )
    ) AS others ON planned.was = 'deleted'
    LEFT JOIN LATERAL (
        -- a later run, or its rollback, may have given it another
        SELECT true AS is_ours
        FROM etl.sync_changes AS later
        WHERE
            later.record_id = planned.record_id
            AND later.record_table = planned.record_table
            AND later.id >= planned.change_id
            AND record.unique_id IN (later.after ->> 'unique_id', planned.before ->> 'unique_id')
            AND later.action = 'updated'
            AND later.after ? 'unique_id'
        LIMIT 1
    ) AS renamed ON record.unique_id IS DISTINCT FROM planned.unique_id
    WHERE planned.record_table = '{{ table }}'
) AS row_now
WHERE changes.seq = row_now.seq;
