-- Purpose: gather the created rows that are set INACTIVE
-- In: rbk_changes, shops or dinings
-- Out: rbk_back
-- Params: none; `{{ table }}` is shops or dinings
INSERT INTO rbk_back (seq, before, after)
SELECT
    changes.seq,
    jsonb_build_object('status', record.status),
    jsonb_build_object('status', 'INACTIVE')
FROM rbk_changes AS changes
INNER JOIN {{ table }} AS record ON changes.record_id = record.id
WHERE changes.outcome = 'inactivated' AND changes.record_table = '{{ table }}';
