-- Purpose: on first contact, note what the CMS has in fields of which the source says nothing
-- In: pln_records, stg_tenants, the CMS's tables of shops or dinings
-- Out: pln_records.found_in_cms
-- Params: none; `{{ table }}` is shops or dinings, `{{ fields }}` the contract's: name, theirs, ours as text,
--         `{{ theirs_form }}` is what is compared of theirs
WITH unclaimed AS (
    SELECT
        compared.seq,
        jsonb_object_agg(sides.field, sides.theirs) AS fields
    FROM pln_records AS compared
    INNER JOIN stg_tenants AS staged ON compared.seq = staged.seq
    INNER JOIN {{ table }} AS record ON compared.record_id = record.id
    LEFT JOIN {{ table }}_locales AS en ON compared.record_id = en._parent_id AND en._locale = 'en'
    LEFT JOIN {{ table }}_locales AS th ON compared.record_id = th._parent_id AND th._locale = 'th'
    LEFT JOIN LATERAL (
        SELECT
            {{ days_of_hours }} AS days
        FROM {{ table }}_opening_hours_per_day AS days
        WHERE days._parent_id = compared.record_id
    ) AS hours ON TRUE
    CROSS JOIN LATERAL (
        VALUES
        {{ fields }}
    ) AS sides (field, theirs, ours)
    WHERE
        compared.action = 'compare'
        AND compared.record_table = '{{ table }}'
        AND compared.base_unique_id IS NULL
        AND sides.ours IS NULL
        AND {{ theirs_form }} <> ''
    GROUP BY compared.seq
)

UPDATE pln_records AS records
SET found_in_cms = unclaimed.fields::text
FROM unclaimed
WHERE records.seq = unclaimed.seq;
