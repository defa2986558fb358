-- Purpose: count the fields that stay as a draft has them, for good plans: there may be none, or thousands
-- In: ver_drafts
-- Out: its statistics
-- Params: none
ANALYZE ver_drafts;
