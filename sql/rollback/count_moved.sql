-- Purpose: count the rows of moved records that go back, and those of them that the database refused
-- In: rbk_changes
-- Out: one row: moved, refused
-- Params: none
SELECT
    count(*) AS moved,
    count(*) FILTER (WHERE reason = 'refused') AS refused
FROM rbk_changes
WHERE row_images ? 'base' AND NOT is_stuck;
