-- Purpose: say for people why a field stays
-- In: rbk_fields
-- Out: rbk_fields: message
-- Params: none
UPDATE rbk_fields
SET
    message = CASE
        WHEN reason = 'taken' THEN {{ words_not_rolled_back_why_taken }}
        WHEN reason = 'moved' THEN {{ words_not_rolled_back_why_moved }}
        WHEN reason = 'open_in_cms' THEN {{ words_not_rolled_back_why_open_in_cms }}
        WHEN reason = 'refused' THEN {{ words_not_rolled_back_why_refused }}
        WHEN by_run IS NOT NULL THEN format({{ words_not_rolled_back_why_by_run }}, by_run)
        ELSE {{ words_not_rolled_back_why_by_editor }}
    END
WHERE verdict = 'stays';
