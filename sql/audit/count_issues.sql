-- Purpose: count the findings of the run by their code
-- In: stg_issues
-- Out: one row a code
-- Params: none
SELECT
    code,
    count(*) AS issues
FROM stg_issues
GROUP BY code
ORDER BY code;
