-- Purpose: take a record that the database refused out of the rollback
-- In: rbk_changes
-- Out: the same
-- Params: $1 int8: its seq, $2 text: the database's words
UPDATE rbk_changes
SET
    outcome = 'stays',
    reason = 'refused',
    detail = $2::text
WHERE seq = $1;
