-- Purpose: count records by action and table, and those with kept or conflicting fields or another kind
-- In: pln_records, pln_fields
-- Out: one row a table and action
-- Params: none
WITH marks AS (
    SELECT
        seq,
        bool_or(verdict = 'kept') AS is_kept,
        bool_or(verdict = 'conflict') AS is_conflict
    FROM pln_fields
    GROUP BY seq
)

SELECT
    coalesce(records.record_table, records.kind) AS record_table,
    records.action,
    count(*) AS records,
    count(*) FILTER (WHERE marks.is_kept) AS kept,
    count(*) FILTER (WHERE marks.is_conflict) AS conflict,
    count(*) FILTER (
        WHERE records.record_table <> records.kind AND records.action IN ('update', 'unchanged')
    ) AS kind_changed
FROM pln_records AS records
LEFT JOIN marks ON records.seq = marks.seq
GROUP BY 1, 2;
