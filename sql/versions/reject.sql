-- Purpose: leave a row without a version where the database refuses it
-- In: ver_missing
-- Out: the same; its unique_id
-- Params: $1 int8: its seq
DELETE FROM ver_missing
WHERE seq = $1
RETURNING unique_id;
