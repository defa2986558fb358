-- Purpose: let the plan see what several processes staged under the name that it knows; what it deletes is deleted there
-- In: etl.<run>_rejected
-- Out: stg_rejected, a view
-- Params: none; `{{ run }}` is made of the run's id
CREATE TEMP VIEW stg_rejected AS
SELECT
    unique_id
FROM etl.{{ run }}_rejected;
