-- Purpose: give rows that stay the floor that the base knows, whatever part of the label was understood
-- In: pln_kept
-- Out: {{ table }}
-- Params: none; `{{ table }}` is stg_keys or stg_tenants
UPDATE {{ table }} AS staged
SET floor_id = kept.floor_id
FROM pln_kept AS kept
WHERE staged.seq = kept.seq AND kept.is_staged AND kept.is_held;
