-- Purpose: make the new rows, with every column that both tables have
-- In: mov_rows, shops or dinings
-- Out: dinings or shops; mov_rows.to_id, mov_keys; one row: made, how many there are
-- Params: $1 text: the time of the move; `{{ from_name }}` and `{{ to_name }}` are the two tables, `{{ table }}` the former as the
--         contract calls it, `{{ columns }}` what both have, but for unique_id, slug and updated_at, `{{ expressions }}` the same of `part`
WITH made AS (
    INSERT INTO {{ to_name }} (unique_id, slug, updated_at, {{ columns }})
    SELECT
        moved.unique_id,
        moved.to_slug,
        $1::text::timestamptz,
        {{ expressions }}
    FROM mov_rows AS moved
    INNER JOIN {{ from_name }} AS part ON moved.from_id = part.id
    WHERE moved.from_table = '{{ table }}'
    ORDER BY moved.seq
    RETURNING id, unique_id
),

known AS (
    UPDATE mov_rows AS moved
    SET to_id = made.id
    FROM made
    WHERE moved.from_table = '{{ table }}' AND moved.unique_id = made.unique_id
    RETURNING
        moved.seq,
        made.id
),

named AS (
    UPDATE mov_keys AS keys
    SET to_key = known.id::text
    FROM known
    WHERE keys.part = '' AND keys.seq = known.seq
)

SELECT count(*) AS made FROM known;
