-- Purpose: count what a run did to the CMS's rows
-- In: etl.sync_changes
-- Out: one row a table and an action: record_table, action, documents
-- Params: $1 sync_id
SELECT
    record_table,
    action,
    count(*) AS documents
FROM etl.sync_changes
WHERE sync_id = $1
GROUP BY record_table, action
ORDER BY record_table DESC, action ASC;
