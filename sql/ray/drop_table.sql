-- Purpose: drop a staging table, with the view that a session of its run may have of it
-- In: none
-- Out: the table is gone
-- Params: none; `{{ table }}` is as ray/left_behind names it
DROP TABLE IF EXISTS etl.{{ table }} CASCADE;
