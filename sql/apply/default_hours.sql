-- Purpose: leave the flag of a new record's hours at the column's default where the source has none
-- In: pln_records, stg_tenants, pg_attribute
-- Out: shops or dinings
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings, `{{ flag }}` its column
UPDATE {{ table }} AS record
SET {{ flag }} = DEFAULT
FROM pln_records AS records
INNER JOIN stg_tenants AS staged ON records.seq = staged.seq
WHERE
    records.action = 'create'
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND staged.hours IS NULL
    AND record.id = records.record_id
    -- where none is given, null is the default
    AND (
        SELECT columns.atthasdef OR NOT columns.attnotnull
        FROM pg_attribute AS columns
        WHERE columns.attrelid = '{{ table }}'::regclass AND columns.attname = '{{ flag }}'
    );
