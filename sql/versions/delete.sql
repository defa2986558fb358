-- Purpose: delete the versions of rows that are about to be deleted, as the CMS does
-- In: the table of the versions of shops or dinings, `{{ gone }}`
-- Out: the former; its parts go with it
-- Params: $1, $2 int8: first and last seq; `{{ versions }}` is that table, `{{ gone }}` gives seq and record_id of those rows
DELETE FROM {{ versions }} AS version
USING (
    {{ gone }}
) AS gone
WHERE version.parent_id = gone.record_id AND gone.seq BETWEEN $1 AND $2;
