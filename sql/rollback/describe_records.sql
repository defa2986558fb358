-- Purpose: say for people why a record stays, or is not deleted, and give each its place among those of its outcome
-- In: rbk_changes
-- Out: rbk_changes: message, nth
-- Params: none
UPDATE rbk_changes AS changes
SET
    nth = placed.nth,
    message = CASE changes.reason
        WHEN 'gone' THEN 'The row is gone from the CMS.'
        WHEN 'another_row'
            THEN
                format('The row has another unique_id now (%s): it may be another record''s.', coalesce(changes.detail, 'none'))
        WHEN 'skip_sync' THEN 'skip sync is ticked in the CMS: the row is not touched.'
        WHEN 'id_taken' THEN 'Another row has its id by now; it can''t come back.'
        WHEN 'unique_id_taken' THEN 'Another row has its unique_id by now; it does not come back.'
        WHEN 'refused' THEN format('The database refused the row: %s', changes.detail)
        WHEN 'referenced' THEN format('%s names the row, so it is not deleted%s.', changes.detail, placed.instead)
        WHEN 'saved_since' THEN format('Somebody saved the row since, so it is not deleted%s.', placed.instead)
        WHEN 'changed_since'
            THEN
                CASE
                    WHEN changes.was IN ('created', 'restored')
                        THEN format('The row was changed since, so it is not deleted%s.', placed.instead)
                END
    END
FROM (
    SELECT
        seq,
        row_number() OVER (PARTITION BY outcome ORDER BY unique_id COLLATE "C", seq) AS nth,
        CASE outcome WHEN 'inactivated' THEN ' but set INACTIVE' ELSE '; it is INACTIVE already' END AS instead
    FROM rbk_changes
) AS placed
WHERE changes.seq = placed.seq;
