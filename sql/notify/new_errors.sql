-- Purpose: read the findings of severity error of a run that an earlier run did not have
-- In: etl.sync_issues
-- Out: one row a finding, in their order, and in `total` how many there are
-- Params: $1 sync_id, $2 sync_id of the earlier run or null, $3 int8: how many rows
WITH found AS (
    SELECT
        sync_id,
        id,
        unique_id,
        code,
        field,
        message,
        -- of records without an id several may be alike: as many as there were are known
        row_number() OVER (PARTITION BY sync_id, unique_id, code, field ORDER BY id) AS place
    FROM etl.sync_issues
    WHERE sync_id IN ($1, $2::text) AND severity = 'error'
)

SELECT
    unique_id,
    code,
    field,
    message,
    count(*) OVER () AS total
FROM found
WHERE
    sync_id = $1
    AND (coalesce(unique_id, ''), code, coalesce(field, ''), place) NOT IN (
        SELECT coalesce(known.unique_id, ''), known.code, coalesce(known.field, ''), known.place
        FROM found AS known
        WHERE known.sync_id = $2::text
    )
ORDER BY id
LIMIT $3;
