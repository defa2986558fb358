-- Purpose: say which rows of a table a rollback deletes. Part of delete.sql
-- In: rbk_changes
-- Out: one row each: seq, record_id
-- Params: none; `{{ table }}` is shops or dinings
SELECT
    seq,
    record_id
FROM rbk_changes
WHERE record_table = '{{ table }}' AND outcome = 'deleted';
