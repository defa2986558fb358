-- Purpose: let the list of changes hold what a rollback does and needs
-- In: none
-- Out: two more actions; row_images: rows that a change removed and added, whole, by part of the record (record, locales,
-- rels, hours); written_at: updated_at as the change left it. Both are null where not known
-- Params: none
ALTER TABLE etl.sync_changes
DROP CONSTRAINT sync_changes_action_check,
ADD CONSTRAINT sync_changes_action_check CHECK (action IN ('created', 'updated', 'inactivated', 'deleted', 'restored')),
ADD COLUMN row_images jsonb,
ADD COLUMN written_at timestamptz;
