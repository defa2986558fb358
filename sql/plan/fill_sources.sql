-- Purpose: list the sources of the plan; of one that is not whole, or not in this run, nothing is missing
-- In: none
-- Out: pln_sources
-- Params: $1 a JSON list of objects: id_prefix, is_whole
INSERT INTO pln_sources (ordinal, id_prefix, is_whole)
SELECT
    given.ordinal::int4,
    given.source ->> 'id_prefix',
    (given.source ->> 'is_whole')::bool
FROM jsonb_array_elements($1::text::jsonb) WITH ORDINALITY AS given (source, ordinal);
