-- Purpose: bring back the links that the run rewrote or removed, as they were, unless the record is linked so again
-- In: rbk_changes, rbk_back
-- Out: shops_rels or dinings_rels; rbk_rows
-- Params: $1, $2 int8: first and last seq; `{{ table }}` is shops or dinings
WITH wanted AS (
    SELECT
        records.seq,
        jsonb_populate_record(NULL::{{ table }}_rels, removed.image) AS link
    FROM rbk_changes AS records
    INNER JOIN rbk_back AS changes ON records.seq = changes.seq
    CROSS JOIN LATERAL jsonb_array_elements(records.row_images #> '{rels,removed}') AS removed (image)
    WHERE
        records.outcome = 'put_back'
        AND records.record_table = '{{ table }}'
        AND records.seq BETWEEN $1 AND $2
        AND changes.after ?| ARRAY['category', 'hidden_links']
        AND NOT EXISTS (
            SELECT 1 FROM {{ table }}_rels AS present
            WHERE
                present.parent_id = records.record_id
                AND present.path = removed.image ->> 'path'
                AND present.categories_id = (removed.image ->> 'categories_id')::int4
        )
),

made AS (
    INSERT INTO {{ table }}_rels
    SELECT (wanted.link).*
    FROM wanted
    ORDER BY (wanted.link).id
    RETURNING id
)

INSERT INTO rbk_rows (seq, part, side, image)
SELECT
    wanted.seq,
    'rels',
    'added',
    to_jsonb(wanted.link)
FROM wanted
INNER JOIN made ON (wanted.link).id = made.id;
