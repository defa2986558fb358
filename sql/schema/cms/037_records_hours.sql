-- Purpose: make the CMS-shaped table of opening hours per day
-- In: none
-- Out: a table
-- Params: none; `{{ table }}` is shops or dinings
CREATE TABLE {{ table }}_opening_hours_per_day (
    _order int NOT NULL,
    _parent_id int NOT NULL REFERENCES {{ table }} ON DELETE CASCADE,
    id varchar PRIMARY KEY,
    day enum_{{ table }}_opening_hours_per_day_day,
    open varchar,
    close varchar
);
