-- Purpose: make the CMS-shaped table of the categories' texts
-- In: none
-- Out: a table
-- Params: none
CREATE TABLE categories_locales (
    id serial PRIMARY KEY,
    _locale _locales NOT NULL,
    _parent_id int NOT NULL REFERENCES categories ON DELETE CASCADE,
    name varchar,
    description varchar,
    display_name varchar,
    UNIQUE (_locale, _parent_id)
);
