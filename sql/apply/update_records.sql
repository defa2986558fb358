-- Purpose: write the changed fields of records, and move updated_at with them
-- In: pln_records, pln_changes
-- Out: shops or dinings; one row: written, how many there are
-- Params: $1, $2 int8: first and last seq; $3 text: the time of the run; `{{ table }}` is shops or dinings
WITH written AS (
    UPDATE {{ table }} AS record
    SET
        unique_id = coalesce(changes.after ->> 'unique_id', record.unique_id),
        {{ assignments }},
        updated_at = $3::text::timestamptz
    FROM pln_records AS records
    INNER JOIN pln_changes AS changes ON records.seq = changes.seq
    WHERE
        records.action = 'update'
        AND records.record_table = '{{ table }}'
        AND records.seq BETWEEN $1 AND $2
        AND record.id = records.record_id
    RETURNING record.id
)

SELECT count(*) AS written FROM written;
