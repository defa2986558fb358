-- Purpose: index shops or dinings by the record's id, which is not unique there
-- In: none
-- Out: an index
-- Params: none; `{{ table }}` is shops or dinings
CREATE INDEX {{ table }}_unique_id_idx ON {{ table }} (unique_id);
