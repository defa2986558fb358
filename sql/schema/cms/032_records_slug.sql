-- Purpose: index shops or dinings by slug
-- In: none
-- Out: an index
-- Params: none; `{{ table }}` is shops or dinings
CREATE INDEX {{ table }}_slug_idx ON {{ table }} (slug);
