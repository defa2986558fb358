-- Purpose: say which records came more than once, and which of them counts: the last. Part of drop_duplicates.sql, and run by
-- DuckDB where no database is at hand (etl/match/settle.py)
-- In: stg_keys
-- Out: one row a record
-- Params: none
SELECT
    source_unique_id,
    max(position) AS last_position
FROM stg_keys
GROUP BY source_unique_id
HAVING min(position) <> max(position);
