-- Purpose: decide whether a created row goes, or is set INACTIVE since somebody has worked with it
-- In: rbk_changes, rbk_fields, etl.sync_changes, shops or dinings
-- Out: rbk_changes: outcome, reason
-- Params: none; `{{ table }}` is shops or dinings
UPDATE rbk_changes AS changes
SET
    outcome = CASE
        WHEN created.reason IS NULL THEN 'deleted'
        WHEN created.status = 'INACTIVE' THEN 'stays'
        ELSE 'inactivated'
    END,
    reason = created.reason
FROM (
    SELECT
        planned.seq,
        record.status::text AS status,
        CASE
            WHEN planned.detail IS NOT NULL THEN 'referenced'
            WHEN EXISTS (SELECT 1 FROM rbk_fields AS fields WHERE fields.seq = planned.seq) THEN 'changed_since'
            WHEN record.updated_at IS DISTINCT FROM coalesce(last_change.written_at, record.created_at) THEN 'saved_since'
        END AS reason
    FROM rbk_changes AS planned
    INNER JOIN {{ table }} AS record ON planned.record_id = record.id
    INNER JOIN (
        SELECT DISTINCT ON (done.record_id)
            done.record_id,
            done.written_at
        FROM etl.sync_changes AS done
        INNER JOIN rbk_changes AS own ON done.record_id = own.record_id AND done.record_table = own.record_table
        WHERE own.record_table = '{{ table }}' AND own.was IN ('created', 'restored')
        ORDER BY done.record_id ASC, done.id DESC
    ) AS last_change ON planned.record_id = last_change.record_id
    WHERE
        planned.record_table = '{{ table }}'
        AND planned.was IN ('created', 'restored')
        AND planned.outcome IS NULL
) AS created
WHERE changes.seq = created.seq;
