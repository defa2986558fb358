-- Purpose: say for people why a record stays, or is not deleted, and give each its place among those of its outcome
-- In: rbk_changes
-- Out: rbk_changes: message, nth
-- Params: none
UPDATE rbk_changes AS changes
SET
    nth = placed.nth,
    message = CASE changes.reason
        WHEN 'gone'
            THEN
                CASE changes.outcome
                    WHEN 'already' THEN {{ words_already_gone_gone }}
                    ELSE {{ words_not_rolled_back_gone }}
                END
        WHEN 'in_trash'
            THEN
                CASE changes.outcome
                    WHEN 'already' THEN {{ words_already_gone_trashed }}
                    ELSE {{ words_not_rolled_back_in_trash }}
                END
        WHEN 'another_row' THEN format({{ words_not_rolled_back_another_row }}, coalesce(changes.detail, 'none'))
        WHEN 'skip_sync' THEN {{ words_not_rolled_back_skip_sync }}
        WHEN 'open_in_cms' THEN {{ words_not_rolled_back_open_in_cms }}
        WHEN 'id_taken' THEN {{ words_not_rolled_back_id_taken }}
        WHEN 'unique_id_taken' THEN {{ words_not_rolled_back_unique_id_taken }}
        WHEN 'moved' THEN format({{ words_not_rolled_back_moved }}, changes.detail)
        WHEN 'refused' THEN format({{ words_rejected_by_database }}, changes.detail)
        WHEN 'referenced'
            THEN
                format(
                    CASE changes.outcome
                        WHEN 'inactivated' THEN {{ words_set_inactive_referenced }}
                        ELSE {{ words_not_rolled_back_referenced }}
                    END,
                    changes.detail
                )
        WHEN 'saved_since'
            THEN
                CASE changes.outcome
                    WHEN 'inactivated' THEN {{ words_set_inactive_saved_since }}
                    ELSE {{ words_not_rolled_back_saved_since }}
                END
        WHEN 'changed_since'
            THEN
                CASE
                    WHEN changes.was NOT IN ('created', 'restored') THEN NULL
                    WHEN changes.outcome = 'inactivated' THEN {{ words_set_inactive_changed_since }}
                    ELSE {{ words_not_rolled_back_changed_since }}
                END
    END
FROM (
    SELECT
        seq,
        row_number() OVER (PARTITION BY outcome ORDER BY unique_id COLLATE "C", seq) AS nth
    FROM rbk_changes
) AS placed
WHERE changes.seq = placed.seq;
