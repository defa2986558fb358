-- Purpose: list which version each row and each latest version is copied to, for their parts
-- In: ver_rows
-- Out: ver_keys
-- Params: $1 text: the row's table, $2 text: that of its versions
INSERT INTO ver_keys (side, part, from_key, to_key, new_id)
SELECT
    CASE WHEN takes IS NULL THEN 'main' ELSE 'version' END,
    CASE WHEN takes IS NULL THEN $1 ELSE $2 END,
    CASE WHEN takes IS NULL THEN record_id ELSE old_id END::text,
    new_id::text,
    new_id
FROM ver_rows;
