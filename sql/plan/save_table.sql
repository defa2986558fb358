-- Purpose: read a temporary table of the plan, to be saved
-- In: `{{ table }}`
-- Out: its rows in the order of `{{ keys }}`, `{{ columns }}` as the file keeps them
-- Params: none
SELECT {{ columns }}
FROM {{ table }}
ORDER BY {{ keys }};
