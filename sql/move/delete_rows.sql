-- Purpose: delete the old rows, or a part of them, and keep what was there
-- In: mov_rows
-- Out: a table of the CMS; mov_images
-- Params: $1 text: the part: record, locales, rels or hours; `{{ kind }}` is shops or dinings, `{{ table }}` that table or the
--         part's, `{{ key }}` the column that names the record
WITH gone AS (
    DELETE FROM {{ table }} AS removed
    USING mov_rows AS moved
    WHERE moved.from_table = '{{ kind }}' AND removed.{{ key }} = moved.from_id
    RETURNING moved.seq, to_jsonb(removed) AS image
)

INSERT INTO mov_images (seq, part, image)
SELECT
    seq,
    $1::text,
    image
FROM gone;
