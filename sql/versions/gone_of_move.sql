-- Purpose: say which rows of a table a move deletes. Part of delete.sql
-- In: mov_rows
-- Out: one row each: seq, record_id
-- Params: none; `{{ table }}` is shops or dinings
SELECT
    seq,
    from_id AS record_id
FROM mov_rows
WHERE from_table = '{{ table }}';
