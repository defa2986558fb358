-- Purpose: stage the values of a record for each of its rows that stay though the record's floor label was not understood
-- In: pln_kept
-- Out: stg_tenants
-- Params: none; `{{ columns }}` are the contract's, `{{ values }}` the same with the row's id and floor
INSERT INTO stg_tenants (seq, {{ columns }})
SELECT
    kept.seq,
    {{ values }}
FROM pln_kept AS kept
INNER JOIN stg_tenants AS staged ON kept.from_seq = staged.seq
WHERE NOT kept.is_staged;
