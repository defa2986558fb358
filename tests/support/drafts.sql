-- What Payload 3.90 adds to the tables of a collection whose configuration says `versions: { drafts: true }`, for shops or dinings.
-- As its push makes it, but for what `etl init` does not make: links to media and promotions; and for the name of the type of
-- `status`, where drafts take the plain one for themselves. tests/payload holds both equal.
CREATE TYPE enum_{kind}__status AS ENUM ('draft', 'published');
CREATE TYPE enum__{kind}_v_version_status AS ENUM ('draft', 'published');
CREATE TYPE enum__{kind}_v_published_locale AS ENUM ('th', 'en', 'zh');
CREATE TYPE enum__{kind}_v_version_opening_hours_per_day_day AS ENUM ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun');

ALTER TABLE {kind} ADD COLUMN _status enum_{kind}__status DEFAULT 'draft';
CREATE INDEX {kind}__status_idx ON {kind} (_status);

CREATE TABLE _{kind}_v (
    id serial PRIMARY KEY,
    parent_id integer,
    version_status enum_{kind}_status DEFAULT 'ACTIVE',
    version_unique_id varchar,
    version_floor_id integer,
    version_location_zone varchar,
    version_location_coordinates_poi_x numeric DEFAULT 0,
    version_location_coordinates_poi_y numeric DEFAULT 0,
    version_opening_hours_same_hours_every_day boolean DEFAULT true,
    version_opening_hours_open varchar,
    version_opening_hours_close varchar,
    version_contact_info_website varchar,
    version_contact_info_phone varchar,
    version_contact_info_instagram_url varchar,
    version_contact_info_facebook_url varchar,
    version_contact_info_wechat_account varchar,
    version_contact_info_line_account varchar,
    version_contact_info_weibo_url varchar,
    version_images_logo_id integer,
    version_images_main_image_id integer,
    version_images_thumbnail_id integer,
    version_images_facebook_image_id integer,
    version_date_range_start_date timestamp(3) with time zone,
    version_date_range_end_date timestamp(3) with time zone,
    version_short_alphabet varchar,
    version_sort_order numeric,
    version_is_featured boolean,
    version_pin_to_iconluxe boolean DEFAULT false,
    version_skip_sync boolean DEFAULT false,
    version_slug varchar,
    version_slug_lock boolean DEFAULT true,
    version_updated_at timestamp(3) with time zone,
    version_created_at timestamp(3) with time zone,
    version__status enum__{kind}_v_version_status DEFAULT 'draft',
    created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    updated_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    snapshot boolean,
    published_locale enum__{kind}_v_published_locale,
    latest boolean
);
CREATE INDEX _{kind}_v_created_at_idx ON _{kind}_v (created_at);
CREATE INDEX _{kind}_v_latest_idx ON _{kind}_v (latest);
CREATE INDEX _{kind}_v_parent_idx ON _{kind}_v (parent_id);
CREATE INDEX _{kind}_v_published_locale_idx ON _{kind}_v (published_locale);
CREATE INDEX _{kind}_v_snapshot_idx ON _{kind}_v (snapshot);
CREATE INDEX _{kind}_v_updated_at_idx ON _{kind}_v (updated_at);
CREATE INDEX _{kind}_v_version_images_version_images_facebook_image_idx ON _{kind}_v (version_images_facebook_image_id);
CREATE INDEX _{kind}_v_version_images_version_images_logo_idx ON _{kind}_v (version_images_logo_id);
CREATE INDEX _{kind}_v_version_images_version_images_main_image_idx ON _{kind}_v (version_images_main_image_id);
CREATE INDEX _{kind}_v_version_images_version_images_thumbnail_idx ON _{kind}_v (version_images_thumbnail_id);
CREATE INDEX _{kind}_v_version_version__status_idx ON _{kind}_v (version__status);
CREATE INDEX _{kind}_v_version_version_created_at_idx ON _{kind}_v (version_created_at);
CREATE INDEX _{kind}_v_version_version_floor_idx ON _{kind}_v (version_floor_id);
CREATE INDEX _{kind}_v_version_version_slug_idx ON _{kind}_v (version_slug);
CREATE INDEX _{kind}_v_version_version_updated_at_idx ON _{kind}_v (version_updated_at);
ALTER TABLE _{kind}_v ADD CONSTRAINT _{kind}_v_parent_id_{kind}_id_fk
    FOREIGN KEY (parent_id) REFERENCES {kind} (id) ON DELETE SET NULL;
ALTER TABLE _{kind}_v ADD CONSTRAINT _{kind}_v_version_floor_id_floors_id_fk
    FOREIGN KEY (version_floor_id) REFERENCES floors (id) ON DELETE SET NULL;

CREATE TABLE _{kind}_v_locales (
    version_title varchar,
    version_subtitle varchar,
    version_description varchar,
    version_location_shop_number varchar,
    version_meta_title varchar,
    version_meta_description varchar,
    id serial PRIMARY KEY,
    _locale _locales NOT NULL,
    _parent_id integer NOT NULL
);
CREATE UNIQUE INDEX _{kind}_v_locales_locale_parent_id_unique ON _{kind}_v_locales (_locale, _parent_id);
ALTER TABLE _{kind}_v_locales ADD CONSTRAINT _{kind}_v_locales_parent_id_fk
    FOREIGN KEY (_parent_id) REFERENCES _{kind}_v (id) ON DELETE CASCADE;

CREATE TABLE _{kind}_v_rels (
    id serial PRIMARY KEY,
    "order" integer,
    parent_id integer NOT NULL,
    path varchar NOT NULL,
    categories_id integer,
    shops_id integer,
    dinings_id integer,
    promotions_id integer
);
CREATE INDEX _{kind}_v_rels_categories_id_idx ON _{kind}_v_rels (categories_id);
CREATE INDEX _{kind}_v_rels_dinings_id_idx ON _{kind}_v_rels (dinings_id);
CREATE INDEX _{kind}_v_rels_order_idx ON _{kind}_v_rels ("order");
CREATE INDEX _{kind}_v_rels_parent_idx ON _{kind}_v_rels (parent_id);
CREATE INDEX _{kind}_v_rels_path_idx ON _{kind}_v_rels (path);
CREATE INDEX _{kind}_v_rels_promotions_id_idx ON _{kind}_v_rels (promotions_id);
CREATE INDEX _{kind}_v_rels_shops_id_idx ON _{kind}_v_rels (shops_id);
ALTER TABLE _{kind}_v_rels ADD CONSTRAINT _{kind}_v_rels_parent_fk
    FOREIGN KEY (parent_id) REFERENCES _{kind}_v (id) ON DELETE CASCADE;
ALTER TABLE _{kind}_v_rels ADD CONSTRAINT _{kind}_v_rels_categories_fk
    FOREIGN KEY (categories_id) REFERENCES categories (id) ON DELETE CASCADE;
ALTER TABLE _{kind}_v_rels ADD CONSTRAINT _{kind}_v_rels_shops_fk
    FOREIGN KEY (shops_id) REFERENCES shops (id) ON DELETE CASCADE;
ALTER TABLE _{kind}_v_rels ADD CONSTRAINT _{kind}_v_rels_dinings_fk
    FOREIGN KEY (dinings_id) REFERENCES dinings (id) ON DELETE CASCADE;

CREATE TABLE _{kind}_v_version_opening_hours_per_day (
    _order integer NOT NULL,
    _parent_id integer NOT NULL,
    id serial PRIMARY KEY,
    day enum__{kind}_v_version_opening_hours_per_day_day,
    open varchar,
    close varchar,
    _uuid varchar
);
CREATE INDEX _{kind}_v_version_opening_hours_per_day_order_idx ON _{kind}_v_version_opening_hours_per_day (_order);
CREATE INDEX _{kind}_v_version_opening_hours_per_day_parent_id_idx ON _{kind}_v_version_opening_hours_per_day (_parent_id);
ALTER TABLE _{kind}_v_version_opening_hours_per_day ADD CONSTRAINT _{kind}_v_version_opening_hours_per_day_parent_id_fk
    FOREIGN KEY (_parent_id) REFERENCES _{kind}_v (id) ON DELETE CASCADE;
