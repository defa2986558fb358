-- Purpose: say which rows of a table a move writes, and what of each. Part of the statements that make versions
-- In: mov_rows
-- Out: one row each: seq, unique_id, record_id, before and after, which are null for the new row
-- Params: none; `{{ table }}` is shops or dinings
SELECT
    seq,
    unique_id,
    CASE WHEN to_table = '{{ table }}' THEN to_id ELSE from_id END AS record_id,
    CASE WHEN from_table = '{{ table }}' THEN jsonb_build_object('status', status) END AS before,
    CASE WHEN from_table = '{{ table }}' THEN '{"status": "INACTIVE"}'::jsonb END AS after
FROM mov_rows
WHERE to_table = '{{ table }}' OR (from_table = '{{ table }}' AND status IS DISTINCT FROM 'INACTIVE');
