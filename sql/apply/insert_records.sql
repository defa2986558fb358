-- Purpose: make the rows of new records, in the order of the feed
-- In: pln_records, stg_tenants, pln_slugs
-- Out: shops or dinings, pln_records.record_id; one row: made, how many there are
-- Params: $1, $2 int8: first and last seq; $3 text: the time of the run; `{{ table }}` is shops or dinings
WITH made AS (
    INSERT INTO {{ table }} (unique_id, slug, {{ columns }}, updated_at, created_at)
    SELECT
        records.unique_id,
        slugs.slug,
        {{ values }},
        $3::text::timestamptz,
        $3::text::timestamptz
    FROM pln_records AS records
    INNER JOIN stg_tenants AS staged ON records.seq = staged.seq
    INNER JOIN pln_slugs AS slugs ON records.seq = slugs.seq
    WHERE records.action = 'create' AND records.kind = '{{ table }}' AND records.seq BETWEEN $1 AND $2
    ORDER BY records.seq
    RETURNING id, unique_id
),

known AS (
    UPDATE pln_records AS records
    SET
        record_table = '{{ table }}',
        record_id = made.id
    FROM made
    WHERE records.unique_id = made.unique_id AND records.action = 'create'
    RETURNING records.seq
)

SELECT count(*) AS made FROM known;
