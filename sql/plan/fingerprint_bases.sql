-- Purpose: print what the base says of each record of the plan, under its id and the one it had
-- In: pln_records, etl.tenants_base
-- Out: one row a record that the base knows: seq, what, print
-- Params: none
WITH named AS (
    SELECT
        seq,
        unique_id
    FROM pln_records
    UNION
    SELECT
        seq,
        base_unique_id
    FROM pln_records
    WHERE base_unique_id IS NOT NULL
)

SELECT
    named.seq,
    'base' AS what,
    md5(jsonb_agg(to_jsonb(base) ORDER BY base.unique_id COLLATE "C")::text) AS print
FROM named
INNER JOIN etl.tenants_base AS base ON named.unique_id = base.unique_id
GROUP BY named.seq;
