-- Purpose: set rows INACTIVE whose record left the source
-- In: pln_records
-- Out: shops or dinings
-- Params: $1 text: the time of the run; `{{ table }}` is shops or dinings
UPDATE {{ table }} AS record
SET
    status = 'INACTIVE',
    updated_at = $1::text::timestamptz
FROM pln_records AS records
WHERE
    records.action = 'inactivate'
    AND records.record_table = '{{ table }}'
    AND record.id = records.record_id;
