-- Purpose: print which CMS rows have the slug that a new record is to get: none should
-- In: pln_slugs, pln_records, shops or dinings
-- Out: one row a record whose slug is taken: seq, what, print
-- Params: none; `{{ table }}` is shops or dinings
SELECT
    slugs.seq,
    'slug' AS what,
    md5(string_agg(record.id::text, ',' ORDER BY record.id)) AS print
FROM pln_slugs AS slugs
INNER JOIN pln_records AS records ON slugs.seq = records.seq
INNER JOIN {{ table }} AS record ON slugs.slug = record.slug
WHERE records.kind = '{{ table }}'
GROUP BY slugs.seq;
