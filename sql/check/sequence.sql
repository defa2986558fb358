-- Purpose: read what a sequence that has given nothing yet gives first
-- In: the sequence
-- Out: one row: following
-- Params: none; `{{ sequence }}` is its name, quoted by the catalogue
SELECT last_value AS following
FROM {{ sequence }};
