-- Purpose: say which rows of a table a plan writes, and what of each. Part of the statements that make versions
-- In: pln_records, pln_changes
-- Out: one row each: seq, unique_id, record_id, before and after, which are null for a new row
-- Params: none; `{{ table }}` is shops or dinings
SELECT
    records.seq,
    records.unique_id,
    records.record_id,
    CASE
        WHEN records.action = 'inactivate' THEN jsonb_build_object('status', records.reason)
        ELSE changes.before
    END AS before,
    CASE WHEN records.action = 'inactivate' THEN '{"status": "INACTIVE"}'::jsonb ELSE changes.after END AS after
FROM pln_records AS records
LEFT JOIN pln_changes AS changes ON records.seq = changes.seq
WHERE records.record_table = '{{ table }}' AND records.action IN ('create', 'update', 'inactivate');
