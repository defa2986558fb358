-- Purpose: index the links of shops or dinings by their record
-- In: none
-- Out: an index
-- Params: none; `{{ table }}` is shops or dinings
CREATE INDEX {{ table }}_rels_parent_idx ON {{ table }}_rels (parent_id);
