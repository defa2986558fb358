-- Purpose: note status and slug of the old row, and give the new one its slug and its category
-- In: mov_rows, etl.tenants_base, categories, shops or dinings
-- Out: mov_rows
-- Params: none; `{{ table }}` is shops or dinings, `{{ other }}` the other one
-- A slug that a row of the other table has gets the first free number.
UPDATE mov_rows AS moved
SET
    status = filled.status,
    slug = filled.slug,
    updated_at = filled.updated_at,
    to_slug = filled.to_slug,
    to_category_id = filled.to_category_id
FROM (
    SELECT
        planned.seq,
        record.status::text AS status,
        record.slug::text AS slug,
        record.updated_at,
        CASE
            WHEN EXISTS (SELECT 1 FROM {{ other }} AS taken WHERE taken.slug = record.slug)
                THEN (
                    SELECT record.slug || '-' || numbers.number
                    FROM generate_series(2, 2 + (SELECT count(*) FROM {{ other }})) AS numbers (number)
                    WHERE NOT EXISTS (
                        SELECT 1 FROM {{ other }} AS taken WHERE taken.slug = record.slug || '-' || numbers.number
                    )
                    ORDER BY numbers.number
                    LIMIT 1
                )
            ELSE record.slug::text
        END AS to_slug,
        category.id AS to_category_id
    FROM mov_rows AS planned
    INNER JOIN {{ table }} AS record ON planned.from_id = record.id
    LEFT JOIN categories AS category
        ON
            (planned.base ->> 'other_category_id')::int4 = category.id
            AND category.type::text = '{{ other }}'
            AND coalesce(category.status::text, 'ACTIVE') = 'ACTIVE'
    WHERE planned.from_table = '{{ table }}'
) AS filled
WHERE moved.seq = filled.seq;
