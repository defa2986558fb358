-- Purpose: let versions that have a newer one now be the latest no more
-- In: ver_rows
-- Out: the table of the versions of shops or dinings
-- Params: none; `{{ versions }}` is that table
UPDATE {{ versions }} AS version
SET latest = FALSE
FROM ver_rows AS rows
WHERE version.parent_id = rows.record_id AND coalesce(version.latest, FALSE) AND version.id <> rows.new_id;
