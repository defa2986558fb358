-- Purpose: say for people why a field stays
-- In: rbk_fields
-- Out: rbk_fields: message
-- Params: none
UPDATE rbk_fields
SET
    message = CASE
        WHEN reason = 'taken' THEN 'another row has that unique_id by now'
        WHEN reason = 'refused' THEN 'the database refused the row'
        WHEN by_run IS NOT NULL THEN format('run %s wrote what is there now', by_run)
        ELSE 'an editor changed it since'
    END
WHERE verdict = 'stays';
