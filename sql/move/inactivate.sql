-- Purpose: set the old rows INACTIVE
-- In: mov_rows
-- Out: shops or dinings
-- Params: $1 text: the time of the move; `{{ table }}` is shops or dinings
UPDATE {{ table }} AS record
SET
    status = 'INACTIVE',
    updated_at = $1::text::timestamptz
FROM mov_rows AS moved
WHERE moved.from_table = '{{ table }}' AND moved.from_id = record.id AND record.status::text IS DISTINCT FROM 'INACTIVE';
