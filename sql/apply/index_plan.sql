-- Purpose: let small ranges of the plan be found without reading all of it; made only once rows are refused
-- In: a table of the plan or of staging
-- Out: an index on it
-- Params: none; `{{ table }}` and `{{ key }}` name the table and its column
CREATE INDEX ON {{ table }} ({{ key }});
