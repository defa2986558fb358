-- Purpose: find the rows of the feed that have no version: made by the earlier job, or before drafts were turned on
-- In: stg_keys, etl.tenants_base, pln_records, shops or dinings, the table of its versions
-- Out: ver_missing, without what the plan writes anyway; one row: missing, how many there are
-- Params: none; `{{ table }}` is shops or dinings, `{{ versions }}` the table of its versions
WITH found AS (
    INSERT INTO ver_missing (seq, unique_id, record_table, record_id)
    SELECT
        keys.seq,
        keys.unique_id,
        '{{ table }}',
        record.id
    FROM stg_keys AS keys
    LEFT JOIN pln_records AS planned ON keys.seq = planned.seq
    LEFT JOIN etl.tenants_base AS base ON keys.unique_id = base.unique_id
    INNER JOIN {{ table }} AS record
        ON
            CASE WHEN planned.seq IS NULL THEN base.record_id ELSE planned.record_id END = record.id
            AND CASE WHEN planned.seq IS NULL THEN base.record_table ELSE planned.record_table END = '{{ table }}'
    LEFT JOIN {{ versions }} AS versions ON record.id = versions.parent_id AND coalesce(versions.latest, FALSE)
    WHERE versions.id IS NULL AND coalesce(planned.action, 'unchanged') IN ('unchanged', 'skip')
    ORDER BY keys.seq
    RETURNING seq
)

SELECT count(*) AS missing FROM found;
