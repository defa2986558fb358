-- Purpose: say which copies for one of several floors give way, as their id is another record's. Part of
-- reject_taken_ids.sql, and run by DuckDB where no database is at hand (etl/match/settle.py)
-- In: stg_keys, each record once; who had an id at the last sync
-- Out: one row a copy
-- Params: none; `{{ base }}` is etl.tenants_base, or an empty table of its columns
WITH doubled AS (
    SELECT unique_id
    FROM stg_keys
    GROUP BY unique_id
    HAVING count(*) > 1
),

shared AS (
    SELECT
        keys.unique_id,
        min(keys.seq) FILTER (WHERE NOT keys.derived) AS own_seq,
        min(keys.seq) FILTER (WHERE keys.source_unique_id = base.source_unique_id) AS earlier_seq,
        min(keys.seq) AS first_seq
    FROM doubled
    INNER JOIN stg_keys AS keys ON doubled.unique_id = keys.unique_id
    LEFT JOIN {{ base }} AS base ON keys.unique_id = base.unique_id
    GROUP BY keys.unique_id
)

SELECT keys.seq
FROM stg_keys AS keys
INNER JOIN shared ON keys.unique_id = shared.unique_id
WHERE keys.seq <> coalesce(shared.own_seq, shared.earlier_seq, shared.first_seq)
UNION
SELECT keys.seq
FROM stg_keys AS keys
INNER JOIN {{ base }} AS base ON keys.unique_id = base.unique_id
WHERE keys.derived AND base.source_unique_id <> keys.source_unique_id
UNION
-- a record that is split itself has no row under its own id, and still owns it
SELECT keys.seq
FROM stg_keys AS keys
INNER JOIN stg_keys AS own ON keys.unique_id = own.source_unique_id
WHERE keys.derived;
