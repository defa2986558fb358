-- Purpose: remove the job's category links that are not wanted beside the new one
-- In: pln_links, pln_records
-- Out: shops_rels or dinings_rels
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings
DELETE FROM {{ table }}_rels AS link
USING pln_links AS links, pln_records AS records
WHERE
    NOT links.is_kept
    AND links.seq = records.seq
    AND records.record_table = '{{ table }}'
    AND records.seq BETWEEN $1 AND $2
    AND link.id = links.link_id;
