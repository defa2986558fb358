-- Purpose: set rows INACTIVE whose record left the source, unless an editor ticked skip_sync or set another status meanwhile
-- In: pln_records
-- Out: shops or dinings, pln_records
-- Params: $1, $2 int8: first and last seq; $3 text: the time of the run; `{{ table }}` is shops or dinings
WITH done AS (
    UPDATE {{ table }} AS record
    SET
        status = 'INACTIVE',
        updated_at = $3::text::timestamptz
    FROM pln_records AS records
    WHERE
        records.action = 'inactivate'
        AND records.record_table = '{{ table }}'
        AND records.seq BETWEEN $1 AND $2
        -- read of the row itself, so that an update which waited for an editor sees what was saved
        AND NOT coalesce((to_jsonb(record) ->> 'skip_sync')::bool, false)
        AND record.status::text = records.reason
        AND record.id = records.record_id
    RETURNING record.id
)

UPDATE pln_records AS records
SET
    action = 'missing',
    reason = 'edited_meanwhile'
WHERE
    records.action = 'inactivate'
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND NOT EXISTS (SELECT 1 FROM done WHERE done.id = records.record_id);
