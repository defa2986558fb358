-- Purpose: stage the rows that stay though their record's floor label was not understood
-- In: pln_kept, stg_tenants
-- Out: stg_keys
-- Params: none
INSERT INTO stg_keys (
    seq, unique_id, source_unique_id, derived, kind, kind_rule, floor_id, floor_is_understood, source_hash
)
SELECT
    kept.seq,
    kept.unique_id,
    kept.source_unique_id,
    kept.unique_id <> kept.source_unique_id,
    keys.kind,
    keys.kind_rule,
    kept.floor_id,
    FALSE,
    -- the record's hash, told apart by the row's id; without values to compare, nothing has changed
    CASE WHEN staged.seq IS NULL THEN coalesce(kept.source_hash, 0) ELSE hashtextextended(kept.unique_id, keys.source_hash) END
FROM pln_kept AS kept
INNER JOIN stg_keys AS keys ON kept.from_seq = keys.seq
LEFT JOIN stg_tenants AS staged ON kept.seq = staged.seq
WHERE NOT kept.is_staged;
