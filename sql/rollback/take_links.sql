-- Purpose: remove the links that the run made, known by their row or, since a save in the CMS makes all again, by what they say
-- In: rbk_changes, rbk_back
-- Out: shops_rels or dinings_rels; rbk_rows
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings
WITH wanted AS (
    SELECT DISTINCT ON (records.seq, added.image)
        records.seq,
        link.id
    FROM rbk_changes AS records
    INNER JOIN rbk_back AS changes ON records.seq = changes.seq
    CROSS JOIN LATERAL jsonb_array_elements(records.row_images #> '{rels,added}') AS added (image)
    INNER JOIN {{ table }}_rels AS link
        ON
            records.record_id = link.parent_id
            AND link.path = added.image ->> 'path'
            AND link.categories_id = (added.image ->> 'categories_id')::int4
    WHERE
        records.outcome = 'put_back'
        AND records.record_table = '{{ table }}'
        AND records.seq BETWEEN $1 AND $2
        AND changes.after ?| ARRAY['category', 'hidden_links']
    ORDER BY records.seq ASC, added.image ASC, (link.id = (added.image ->> 'id')::int4) IS TRUE DESC, link.id ASC
),

gone AS (
    DELETE FROM {{ table }}_rels AS link
    USING wanted
    WHERE link.id = wanted.id
    RETURNING wanted.seq, to_jsonb(link) AS image
)

INSERT INTO rbk_rows (seq, part, side, image)
SELECT
    seq,
    'rels',
    'removed',
    image
FROM gone;
