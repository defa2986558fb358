-- Purpose: read the new records, each with the fields that it gets, as the audit would keep them
-- In: pln_records, stg_tenants, pln_slugs
-- Out: one row a record, by unique_id; after is JSON
-- Params: $1 int8: how many, 0 for all; `{{ table }}` is shops or dinings, `{{ pairs }}` the contract's fields
SELECT
    records.unique_id,
    records.source_unique_id,
    coalesce(staged.title_en, staged.title_th) AS title,
    jsonb_strip_nulls(
        jsonb_build_object('unique_id', records.unique_id, 'slug', slugs.slug, {{ pairs }})
    )::text AS after
FROM pln_records AS records
INNER JOIN stg_tenants AS staged ON records.seq = staged.seq
INNER JOIN pln_slugs AS slugs ON records.seq = slugs.seq
WHERE records.action = 'create' AND records.kind = '{{ table }}'
ORDER BY records.unique_id COLLATE "C"
LIMIT nullif($1::int8, 0);
