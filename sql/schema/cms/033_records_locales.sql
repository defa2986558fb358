-- Purpose: make the CMS-shaped table of the texts of shops or dinings
-- In: none
-- Out: a table
-- Params: none; `{{ table }}` is shops or dinings
CREATE TABLE {{ table }}_locales (
    id serial PRIMARY KEY,
    _locale _locales NOT NULL,
    _parent_id int NOT NULL REFERENCES {{ table }} ON DELETE CASCADE,
    title varchar,
    subtitle varchar,
    description varchar,
    location_shop_number varchar,
    meta_title varchar,
    meta_description varchar,
    UNIQUE (_locale, _parent_id)
);
