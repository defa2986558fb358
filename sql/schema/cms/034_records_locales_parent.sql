-- Purpose: index the texts of shops or dinings by their record
-- In: none
-- Out: an index
-- Params: none; `{{ table }}` is shops or dinings
CREATE INDEX {{ table }}_locales_parent_idx ON {{ table }}_locales (_parent_id);
