-- Purpose: name the later runs that wrote what is there now
-- In: rbk_fields
-- Out: one row a run, newest first
-- Params: none
SELECT by_run
FROM rbk_fields
WHERE by_run IS NOT NULL
GROUP BY by_run
ORDER BY by_run DESC;
