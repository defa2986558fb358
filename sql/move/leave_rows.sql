-- Purpose: leave out the rows of the record that do not move: those that are gone, or that the source does not have any more
-- In: mov_rows
-- Out: the same
-- Params: $1 text: the seqs that move, as a JSON list
DELETE FROM mov_rows
WHERE NOT $1::text::jsonb @> to_jsonb(seq);
