-- Purpose: make links of shops and dinings in an empty database, just as Payload does
-- In: the files before it, in the order of etl/load/schema.py
-- Out: tables
-- Params: none; written by `make cms-tables` (tests/payload/tables.py), not by hand
CREATE TABLE shops_rels (
    id serial PRIMARY KEY,
    "order" int,
    parent_id int NOT NULL,
    path varchar NOT NULL,
    categories_id int,
    shops_id int,
    dinings_id int,
    promotions_id int,
    CONSTRAINT shops_rels_categories_fk
    FOREIGN KEY (categories_id) REFERENCES categories ON DELETE CASCADE,
    CONSTRAINT shops_rels_dinings_fk
    FOREIGN KEY (dinings_id) REFERENCES dinings ON DELETE CASCADE,
    CONSTRAINT shops_rels_parent_fk
    FOREIGN KEY (parent_id) REFERENCES shops ON DELETE CASCADE,
    CONSTRAINT shops_rels_promotions_fk
    FOREIGN KEY (promotions_id) REFERENCES promotions ON DELETE CASCADE,
    CONSTRAINT shops_rels_shops_fk
    FOREIGN KEY (shops_id) REFERENCES shops ON DELETE CASCADE
);
CREATE INDEX shops_rels_categories_id_idx ON shops_rels (categories_id);
CREATE INDEX shops_rels_dinings_id_idx ON shops_rels (dinings_id);
CREATE INDEX shops_rels_order_idx ON shops_rels ("order");
CREATE INDEX shops_rels_parent_idx ON shops_rels (parent_id);
CREATE INDEX shops_rels_path_idx ON shops_rels (path);
CREATE INDEX shops_rels_promotions_id_idx ON shops_rels (promotions_id);
CREATE INDEX shops_rels_shops_id_idx ON shops_rels (shops_id);

CREATE TABLE dinings_rels (
    id serial PRIMARY KEY,
    "order" int,
    parent_id int NOT NULL,
    path varchar NOT NULL,
    categories_id int,
    shops_id int,
    dinings_id int,
    promotions_id int,
    CONSTRAINT dinings_rels_categories_fk
    FOREIGN KEY (categories_id) REFERENCES categories ON DELETE CASCADE,
    CONSTRAINT dinings_rels_dinings_fk
    FOREIGN KEY (dinings_id) REFERENCES dinings ON DELETE CASCADE,
    CONSTRAINT dinings_rels_parent_fk
    FOREIGN KEY (parent_id) REFERENCES dinings ON DELETE CASCADE,
    CONSTRAINT dinings_rels_promotions_fk
    FOREIGN KEY (promotions_id) REFERENCES promotions ON DELETE CASCADE,
    CONSTRAINT dinings_rels_shops_fk
    FOREIGN KEY (shops_id) REFERENCES shops ON DELETE CASCADE
);
CREATE INDEX dinings_rels_categories_id_idx ON dinings_rels (categories_id);
CREATE INDEX dinings_rels_dinings_id_idx ON dinings_rels (dinings_id);
CREATE INDEX dinings_rels_order_idx ON dinings_rels ("order");
CREATE INDEX dinings_rels_parent_idx ON dinings_rels (parent_id);
CREATE INDEX dinings_rels_path_idx ON dinings_rels (path);
CREATE INDEX dinings_rels_promotions_id_idx ON dinings_rels (promotions_id);
CREATE INDEX dinings_rels_shops_id_idx ON dinings_rels (shops_id);
