-- Purpose: count the rows that stay and are not staged as they are
-- In: pln_kept
-- Out: one row: held
-- Params: none
SELECT count(*) AS held
FROM pln_kept
WHERE is_held;
