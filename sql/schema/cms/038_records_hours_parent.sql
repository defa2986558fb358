-- Purpose: index opening hours per day by their record
-- In: none
-- Out: an index
-- Params: none; `{{ table }}` is shops or dinings
CREATE INDEX {{ table }}_hours_parent_idx ON {{ table }}_opening_hours_per_day (_parent_id);
