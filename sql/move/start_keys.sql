-- Purpose: list the old rows' own ids, for their parts
-- In: mov_rows
-- Out: mov_keys
-- Params: none
INSERT INTO mov_keys (seq, part, from_key, to_key)
SELECT
    seq,
    '',
    from_id::text,
    NULL
FROM mov_rows;
