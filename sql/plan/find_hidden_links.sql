-- Purpose: on first contact, find hidden links of the earlier job beside a visible one to the record's category
-- In: pln_records, stg_tenants, shops_rels or dinings_rels
-- Out: pln_fields
-- Params: none; `{{ table }}` is shops or dinings
INSERT INTO pln_fields (seq, field, theirs, ours, verdict, is_written)
SELECT
    records.seq,
    'hidden_links',
    string_agg(link.categories_id::text, ', ' ORDER BY link.id),
    '',
    'first_contact',
    TRUE
FROM pln_records AS records
INNER JOIN stg_tenants AS staged ON records.seq = staged.seq
INNER JOIN {{ table }}_rels AS link ON records.record_id = link.parent_id
WHERE
    records.action = 'compare'
    AND records.record_table = '{{ table }}'
    AND records.base_unique_id IS NULL
    AND staged.{{ table }}_category_id IS NOT NULL
    AND link.path = '/'
    AND link.categories_id IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM pln_fields AS fields WHERE fields.seq = records.seq AND fields.field = 'category'
    )
GROUP BY records.seq;
