-- Purpose: put back the fields of records, or set them INACTIVE, and move updated_at
-- In: rbk_changes, rbk_back
-- Out: shops or dinings
-- Params: $1, $2 int8: first and last seq; $3 text: the time of the rollback; `{{ table }}` is shops or dinings
UPDATE {{ table }} AS record
SET
    unique_id = coalesce(changes.after ->> 'unique_id', record.unique_id),
    {{ assignments }},
    status = CASE
        -- of the column's own type, whatever that is called
        WHEN changes.after ? 'status'
            THEN (jsonb_populate_record(NULL::{{ table }}, jsonb_build_object('status', changes.after ->> 'status'))).status
        ELSE record.status
    END,
    updated_at = $3::text::timestamptz
FROM rbk_changes AS records
INNER JOIN rbk_back AS changes ON records.seq = changes.seq
WHERE
    records.outcome IN ('put_back', 'inactivated')
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND record.id = records.record_id;
