-- Purpose: let the base go along: kind, row and category; what the source said stays
-- In: mov_rows, mov_links
-- Out: etl.tenants_base
-- Params: $1 text: the time of the move, $2 text: its id
UPDATE etl.tenants_base AS base
SET
    record_table = moved.to_table,
    record_id = moved.to_id,
    -- a row that the next sync has to look at again stays one
    record_updated_at = CASE WHEN moved.is_as_left THEN $1::text::timestamptz END,
    category_id = moved.to_category_id,
    job_category_id = CASE WHEN NOT moved.has_editors_link THEN moved.to_category_id END,
    other_category_id = base.category_id,
    last_sync_id = $2
FROM (
    SELECT
        planned.unique_id,
        planned.to_table,
        planned.to_id,
        planned.to_category_id,
        planned.updated_at IS NOT DISTINCT FROM (planned.base ->> 'record_updated_at')::timestamptz AS is_as_left,
        EXISTS (
            SELECT 1 FROM mov_links AS links
            WHERE
                links.seq = planned.seq
                AND links.fate = 'copied'
                AND links.path = 'categories'
                AND links.category_id = planned.to_category_id
        ) AS has_editors_link
    FROM mov_rows AS planned
) AS moved
WHERE base.unique_id = moved.unique_id;
