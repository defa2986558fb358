-- Purpose: give records without a CMS row the one that has their unique_id; where there are several, report them. The base knows
-- another number, if any, so it does not speak for this row: it is met for the first time
-- In: pln_records, pln_cms, etl.tenants_base
-- Out: pln_records, stg_issues
-- Params: none
WITH candidates AS (
    SELECT
        records.seq,
        records.unique_id,
        cms.record_table,
        cms.id,
        count(*) OVER (PARTITION BY records.seq) AS candidates,
        row_number() OVER (
            PARTITION BY records.seq
            ORDER BY
                (cms.written_id = records.unique_id) DESC,
                (cms.record_table = coalesce(base.record_table, records.kind)) DESC,
                coalesce(cms.status = 'ACTIVE', FALSE) DESC,
                cms.id ASC,
                cms.record_table ASC
        ) AS choice
    FROM pln_records AS records
    INNER JOIN pln_cms AS cms ON records.unique_id = cms.unique_id
    LEFT JOIN etl.tenants_base AS base ON records.base_unique_id = base.unique_id
    WHERE records.found_by IS NULL
),

found AS (
    UPDATE pln_records AS records
    SET
        found_by = 'unique_id',
        record_table = candidates.record_table,
        record_id = candidates.id,
        base_unique_id = NULL
    FROM candidates
    WHERE records.seq = candidates.seq AND candidates.choice = 1
)

INSERT INTO stg_issues (unique_id, severity, code, field, message, value)
SELECT
    unique_id,
    {{ severity_duplicate_row }},
    'duplicate_row',
    'unique_id',
    format(
        {{ words_duplicate_row }},
        count(*),
        string_agg(record_table || ' ' || id, ', ' ORDER BY choice),
        min(record_table || ' ' || id) FILTER (WHERE choice = 1)
    ),
    string_agg(record_table || ' ' || id, ', ' ORDER BY choice)
FROM candidates
WHERE candidates > 1
GROUP BY unique_id
ORDER BY unique_id;
