-- Purpose: count the listed rows by how their version is made
-- In: ver_rows
-- Out: one row: copies of the row, those of them that have earlier versions, versions that are merged
-- Params: none
SELECT
    count(*) FILTER (WHERE takes IS NULL) AS copies,
    count(*) FILTER (WHERE takes IS NULL AND old_id IS NOT NULL) AS again,
    count(*) FILTER (WHERE takes IS NOT NULL) AS merges
FROM ver_rows;
