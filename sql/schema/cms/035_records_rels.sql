-- Purpose: make the CMS-shaped table of the links of shops or dinings
-- In: none
-- Out: a table
-- Params: none; `{{ table }}` is shops or dinings
CREATE TABLE {{ table }}_rels (
    id serial PRIMARY KEY,
    "order" int,
    parent_id int NOT NULL REFERENCES {{ table }} ON DELETE CASCADE,
    path varchar NOT NULL,
    categories_id int REFERENCES categories ON DELETE CASCADE,
    dinings_id int,
    shops_id int,
    promotions_id int
);
