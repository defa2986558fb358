-- Purpose: count what becomes of the run's changes, by outcome and table
-- In: rbk_changes, rbk_fields, etl.tenants_base
-- Out: one row an outcome and table; partly: those of which a field stays; renamed: those that get a
-- unique_id back by which the source does not call them
-- Params: none
SELECT
    changes.outcome,
    changes.record_table,
    count(*) AS records,
    count(*) FILTER (WHERE fields.is_partly) AS partly,
    count(*) FILTER (WHERE fields.is_renamed) AS renamed,
    count(*) FILTER (WHERE changes.reason = 'skip_sync') AS skipped,
    count(*) FILTER (WHERE changes.reason = 'refused') AS refused
FROM rbk_changes AS changes
LEFT JOIN (
    SELECT
        named.seq,
        bool_or(named.verdict = 'stays') AS is_partly,
        bool_or(named.verdict = 'back' AND named.field = 'unique_id' AND base.unique_id IS NULL) AS is_renamed
    FROM rbk_fields AS named
    LEFT JOIN etl.tenants_base AS base ON named.field = 'unique_id' AND named.before = base.unique_id
    GROUP BY named.seq
) AS fields ON changes.seq = fields.seq
GROUP BY 1, 2
ORDER BY 1, 2;
