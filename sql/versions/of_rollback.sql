-- Purpose: say which rows of a table a rollback writes, and what of each. Part of the statements that make versions
-- In: rbk_changes, rbk_back
-- Out: one row each: seq, unique_id, record_id, before and after, which are null for a row that comes back
-- Params: none; `{{ table }}` is shops or dinings
SELECT
    changes.seq,
    changes.unique_id,
    changes.record_id,
    back.before,
    back.after
FROM rbk_changes AS changes
LEFT JOIN rbk_back AS back ON changes.seq = back.seq
WHERE changes.record_table = '{{ table }}' AND changes.outcome IN ('put_back', 'inactivated', 'restored');
