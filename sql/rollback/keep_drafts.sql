-- Purpose: let created rows stay, but INACTIVE, of which an editor has saved a version since: to delete the row would delete that too
-- In: rbk_changes, etl.sync_changes, shops or dinings, the table of its versions
-- Out: rbk_changes
-- Params: none; `{{ table }}` is shops or dinings, `{{ versions }}` the table of its versions
UPDATE rbk_changes AS changes
SET
    outcome = CASE WHEN saved.status = 'INACTIVE' THEN 'stays' ELSE 'inactivated' END,
    reason = 'saved_since'
FROM (
    SELECT
        planned.seq,
        record.status::text AS status
    FROM rbk_changes AS planned
    INNER JOIN {{ table }} AS record ON planned.record_id = record.id
    INNER JOIN {{ versions }} AS versions ON record.id = versions.parent_id
    WHERE planned.record_table = '{{ table }}' AND planned.outcome = 'deleted'
    GROUP BY planned.seq, record.status, record.updated_at
    -- the job's own is a millisecond after the row
    HAVING max(versions.updated_at) > record.updated_at + interval '1 ms'
) AS saved
WHERE changes.seq = saved.seq;
