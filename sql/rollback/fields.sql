-- Purpose: read the fields of the records that are shown
-- In: rbk_changes, rbk_fields, rbk_back
-- Out: one row a field: what was there before the run, what the run wrote, and what is there now
-- Params: $1 int8: how many records of each outcome, 0 for all
SELECT
    changes.seq,
    fields.field,
    fields.verdict,
    fields.before,
    fields.after,
    fields.present,
    fields.message
FROM rbk_changes AS changes
INNER JOIN rbk_fields AS fields ON changes.seq = fields.seq
WHERE $1 = 0 OR changes.nth <= $1
UNION ALL
SELECT
    changes.seq,
    'status',
    'inactivated',
    NULL,
    changes.after ->> 'status',
    back.before ->> 'status',
    NULL
FROM rbk_changes AS changes
INNER JOIN rbk_back AS back ON changes.seq = back.seq
WHERE changes.outcome = 'inactivated' AND ($1 = 0 OR changes.nth <= $1)
UNION ALL
SELECT
    changes.seq,
    gone.field,
    changes.outcome,
    NULL,
    gone.value,
    gone.value,
    NULL
FROM rbk_changes AS changes
CROSS JOIN LATERAL jsonb_each_text(changes.after) AS gone (field, value)
WHERE changes.outcome = 'deleted' AND ($1 = 0 OR changes.nth <= $1)
UNION ALL
SELECT
    changes.seq,
    coming.field,
    changes.outcome,
    coming.value,
    NULL,
    NULL,
    NULL
FROM rbk_changes AS changes
CROSS JOIN LATERAL jsonb_each_text(changes.before) AS coming (field, value)
WHERE changes.outcome = 'restored' AND ($1 = 0 OR changes.nth <= $1);
