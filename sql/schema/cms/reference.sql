-- Purpose: make users, media, floors, categories and promotions in an empty database, just as Payload does
-- In: the files before it, in the order of etl/load/schema.py
-- Out: tables
-- Params: none; written by `make cms-tables` (tests/payload/tables.py), not by hand
CREATE TABLE users (
    id serial PRIMARY KEY,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    email varchar NOT NULL,
    reset_password_token varchar,
    reset_password_expiration timestamptz(3),
    salt varchar,
    hash varchar,
    reset_password_requested_at timestamptz(3),
    login_attempts numeric DEFAULT 0,
    lock_until timestamptz(3)
);
CREATE INDEX users_created_at_idx ON users (created_at);
CREATE UNIQUE INDEX users_email_idx ON users (email);
CREATE INDEX users_updated_at_idx ON users (updated_at);

CREATE TABLE users_sessions (
    _order int NOT NULL,
    _parent_id int NOT NULL,
    id varchar PRIMARY KEY,
    created_at timestamptz(3),
    expires_at timestamptz(3) NOT NULL,
    CONSTRAINT users_sessions_parent_id_fk
    FOREIGN KEY (_parent_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX users_sessions_order_idx ON users_sessions (_order);
CREATE INDEX users_sessions_parent_id_idx ON users_sessions (_parent_id);

CREATE TABLE media (
    id serial PRIMARY KEY,
    alt varchar,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    url varchar,
    thumbnail_u_r_l varchar,
    filename varchar,
    mime_type varchar,
    filesize numeric,
    width numeric,
    height numeric,
    focal_x numeric,
    focal_y numeric
);
CREATE INDEX media_created_at_idx ON media (created_at);
CREATE UNIQUE INDEX media_filename_idx ON media (filename);
CREATE INDEX media_updated_at_idx ON media (updated_at);

CREATE TABLE floors (
    id serial PRIMARY KEY,
    name varchar NOT NULL,
    "order" numeric NOT NULL DEFAULT 1,
    status enum_floors_status NOT NULL DEFAULT 'ACTIVE',
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX floors_created_at_idx ON floors (created_at);
CREATE INDEX floors_updated_at_idx ON floors (updated_at);

CREATE TABLE categories (
    id serial PRIMARY KEY,
    image_id int,
    type enum_categories_type NOT NULL,
    "order" numeric DEFAULT 0,
    status enum_categories_status NOT NULL DEFAULT 'ACTIVE',
    slug varchar NOT NULL,
    original_id varchar,
    pin_to_directory bool DEFAULT false,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT categories_image_id_media_id_fk
    FOREIGN KEY (image_id) REFERENCES media ON DELETE SET NULL
);
CREATE INDEX categories_created_at_idx ON categories (created_at);
CREATE INDEX categories_image_idx ON categories (image_id);
CREATE INDEX categories_original_id_idx ON categories (original_id);
CREATE UNIQUE INDEX categories_slug_idx ON categories (slug);
CREATE INDEX categories_updated_at_idx ON categories (updated_at);

CREATE TABLE categories_locales (
    name varchar,
    description varchar,
    display_name varchar,
    id serial PRIMARY KEY,
    _locale _locales NOT NULL,
    _parent_id int NOT NULL,
    CONSTRAINT categories_locales_parent_id_fk
    FOREIGN KEY (_parent_id) REFERENCES categories ON DELETE CASCADE
);
CREATE UNIQUE INDEX categories_locales_locale_parent_id_unique ON categories_locales (_locale, _parent_id);

CREATE TABLE promotions (
    id serial PRIMARY KEY,
    name varchar,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX promotions_created_at_idx ON promotions (created_at);
CREATE INDEX promotions_updated_at_idx ON promotions (updated_at);
