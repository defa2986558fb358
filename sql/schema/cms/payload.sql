-- Purpose: make what Payload keeps for itself (open documents, preferences, migrations) in an empty database, just as Payload does
-- In: the files before it, in the order of etl/load/schema.py
-- Out: tables
-- Params: none; written by `make cms-tables` (tests/payload/tables.py), not by hand
CREATE TABLE payload_kv (
    id serial PRIMARY KEY,
    key varchar NOT NULL,
    data jsonb NOT NULL
);
CREATE UNIQUE INDEX payload_kv_key_idx ON payload_kv (key);

CREATE TABLE payload_locked_documents (
    id serial PRIMARY KEY,
    global_slug varchar,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX payload_locked_documents_created_at_idx ON payload_locked_documents (created_at);
CREATE INDEX payload_locked_documents_global_slug_idx ON payload_locked_documents (global_slug);
CREATE INDEX payload_locked_documents_updated_at_idx ON payload_locked_documents (updated_at);

CREATE TABLE payload_locked_documents_rels (
    id serial PRIMARY KEY,
    "order" int,
    parent_id int NOT NULL,
    path varchar NOT NULL,
    users_id int,
    media_id int,
    floors_id int,
    categories_id int,
    shops_id int,
    dinings_id int,
    promotions_id int,
    api_sync_logs_id int,
    CONSTRAINT payload_locked_documents_rels_api_sync_logs_fk
    FOREIGN KEY (api_sync_logs_id) REFERENCES api_sync_logs ON DELETE CASCADE,
    CONSTRAINT payload_locked_documents_rels_categories_fk
    FOREIGN KEY (categories_id) REFERENCES categories ON DELETE CASCADE,
    CONSTRAINT payload_locked_documents_rels_dinings_fk
    FOREIGN KEY (dinings_id) REFERENCES dinings ON DELETE CASCADE,
    CONSTRAINT payload_locked_documents_rels_floors_fk
    FOREIGN KEY (floors_id) REFERENCES floors ON DELETE CASCADE,
    CONSTRAINT payload_locked_documents_rels_media_fk
    FOREIGN KEY (media_id) REFERENCES media ON DELETE CASCADE,
    CONSTRAINT payload_locked_documents_rels_parent_fk
    FOREIGN KEY (parent_id) REFERENCES payload_locked_documents ON DELETE CASCADE,
    CONSTRAINT payload_locked_documents_rels_promotions_fk
    FOREIGN KEY (promotions_id) REFERENCES promotions ON DELETE CASCADE,
    CONSTRAINT payload_locked_documents_rels_shops_fk
    FOREIGN KEY (shops_id) REFERENCES shops ON DELETE CASCADE,
    CONSTRAINT payload_locked_documents_rels_users_fk
    FOREIGN KEY (users_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX payload_locked_documents_rels_api_sync_logs_id_idx ON payload_locked_documents_rels (api_sync_logs_id);
CREATE INDEX payload_locked_documents_rels_categories_id_idx ON payload_locked_documents_rels (categories_id);
CREATE INDEX payload_locked_documents_rels_dinings_id_idx ON payload_locked_documents_rels (dinings_id);
CREATE INDEX payload_locked_documents_rels_floors_id_idx ON payload_locked_documents_rels (floors_id);
CREATE INDEX payload_locked_documents_rels_media_id_idx ON payload_locked_documents_rels (media_id);
CREATE INDEX payload_locked_documents_rels_order_idx ON payload_locked_documents_rels ("order");
CREATE INDEX payload_locked_documents_rels_parent_idx ON payload_locked_documents_rels (parent_id);
CREATE INDEX payload_locked_documents_rels_path_idx ON payload_locked_documents_rels (path);
CREATE INDEX payload_locked_documents_rels_promotions_id_idx ON payload_locked_documents_rels (promotions_id);
CREATE INDEX payload_locked_documents_rels_shops_id_idx ON payload_locked_documents_rels (shops_id);
CREATE INDEX payload_locked_documents_rels_users_id_idx ON payload_locked_documents_rels (users_id);

CREATE TABLE payload_preferences (
    id serial PRIMARY KEY,
    key varchar,
    value jsonb,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX payload_preferences_created_at_idx ON payload_preferences (created_at);
CREATE INDEX payload_preferences_key_idx ON payload_preferences (key);
CREATE INDEX payload_preferences_updated_at_idx ON payload_preferences (updated_at);

CREATE TABLE payload_preferences_rels (
    id serial PRIMARY KEY,
    "order" int,
    parent_id int NOT NULL,
    path varchar NOT NULL,
    users_id int,
    CONSTRAINT payload_preferences_rels_parent_fk
    FOREIGN KEY (parent_id) REFERENCES payload_preferences ON DELETE CASCADE,
    CONSTRAINT payload_preferences_rels_users_fk
    FOREIGN KEY (users_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX payload_preferences_rels_order_idx ON payload_preferences_rels ("order");
CREATE INDEX payload_preferences_rels_parent_idx ON payload_preferences_rels (parent_id);
CREATE INDEX payload_preferences_rels_path_idx ON payload_preferences_rels (path);
CREATE INDEX payload_preferences_rels_users_id_idx ON payload_preferences_rels (users_id);

CREATE TABLE payload_migrations (
    id serial PRIMARY KEY,
    name varchar,
    batch numeric,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX payload_migrations_created_at_idx ON payload_migrations (created_at);
CREATE INDEX payload_migrations_updated_at_idx ON payload_migrations (updated_at);
