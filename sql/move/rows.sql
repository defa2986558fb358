-- Purpose: read what the plan says of each row
-- In: mov_rows
-- Out: one row each
-- Params: none
SELECT
    seq,
    unique_id,
    from_table,
    from_id,
    to_table,
    to_id,
    status,
    slug,
    to_slug,
    to_category_id
FROM mov_rows
ORDER BY seq;
