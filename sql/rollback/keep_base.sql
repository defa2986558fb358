-- Purpose: note what the base says of moved records that go back, and what it said before they were moved
-- In: rbk_changes, etl.tenants_base
-- Out: rbk_rows
-- Params: none
INSERT INTO rbk_rows (seq, part, side, image)
SELECT
    moved.seq,
    'base',
    sides.side,
    sides.image
FROM rbk_changes AS moved
INNER JOIN etl.tenants_base AS base
    ON
        moved.row_images #>> '{base,added,0,record_table}' = base.record_table
        AND (moved.row_images #>> '{base,added,0,record_id}')::int4 = base.record_id
CROSS JOIN LATERAL (
    VALUES
    ('removed', to_jsonb(base)),
    ('added', moved.row_images #> '{base,removed,0}')
) AS sides (side, image)
WHERE moved.row_images ? 'base' AND NOT moved.is_stuck;
