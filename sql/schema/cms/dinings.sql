-- Purpose: make dinings with their texts and hours in an empty database, just as Payload does
-- In: the files before it, in the order of etl/load/schema.py
-- Out: tables
-- Params: none; written by `make cms-tables` (tests/payload/tables.py), not by hand
CREATE TABLE dinings (
    id serial PRIMARY KEY,
    status enum_dinings_status NOT NULL DEFAULT 'ACTIVE',
    unique_id varchar,
    floor_id int,
    location_zone varchar,
    location_coordinates_poi_x numeric DEFAULT 0,
    location_coordinates_poi_y numeric DEFAULT 0,
    opening_hours_same_hours_every_day bool DEFAULT true,
    opening_hours_open varchar,
    opening_hours_close varchar,
    contact_info_website varchar,
    contact_info_phone varchar,
    contact_info_instagram_url varchar,
    contact_info_facebook_url varchar,
    contact_info_wechat_account varchar,
    contact_info_line_account varchar,
    contact_info_weibo_url varchar,
    images_logo_id int,
    images_main_image_id int,
    images_thumbnail_id int,
    images_facebook_image_id int,
    date_range_start_date timestamptz(3),
    date_range_end_date timestamptz(3),
    short_alphabet varchar,
    sort_order numeric,
    is_featured bool,
    pin_to_iconluxe bool DEFAULT false,
    skip_sync bool DEFAULT false,
    slug varchar,
    slug_lock bool DEFAULT true,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT dinings_floor_id_floors_id_fk
    FOREIGN KEY (floor_id) REFERENCES floors ON DELETE SET NULL,
    CONSTRAINT dinings_images_facebook_image_id_media_id_fk
    FOREIGN KEY (images_facebook_image_id) REFERENCES media ON DELETE SET NULL,
    CONSTRAINT dinings_images_logo_id_media_id_fk
    FOREIGN KEY (images_logo_id) REFERENCES media ON DELETE SET NULL,
    CONSTRAINT dinings_images_main_image_id_media_id_fk
    FOREIGN KEY (images_main_image_id) REFERENCES media ON DELETE SET NULL,
    CONSTRAINT dinings_images_thumbnail_id_media_id_fk
    FOREIGN KEY (images_thumbnail_id) REFERENCES media ON DELETE SET NULL
);
CREATE INDEX dinings_created_at_idx ON dinings (created_at);
CREATE INDEX dinings_floor_idx ON dinings (floor_id);
CREATE INDEX dinings_images_images_facebook_image_idx ON dinings (images_facebook_image_id);
CREATE INDEX dinings_images_images_logo_idx ON dinings (images_logo_id);
CREATE INDEX dinings_images_images_main_image_idx ON dinings (images_main_image_id);
CREATE INDEX dinings_images_images_thumbnail_idx ON dinings (images_thumbnail_id);
CREATE INDEX dinings_slug_idx ON dinings (slug);
CREATE INDEX dinings_unique_id_idx ON dinings (unique_id);
CREATE INDEX dinings_updated_at_idx ON dinings (updated_at);

CREATE TABLE dinings_locales (
    title varchar,
    subtitle varchar,
    description varchar,
    location_shop_number varchar,
    meta_title varchar,
    meta_description varchar,
    id serial PRIMARY KEY,
    _locale _locales NOT NULL,
    _parent_id int NOT NULL,
    CONSTRAINT dinings_locales_parent_id_fk
    FOREIGN KEY (_parent_id) REFERENCES dinings ON DELETE CASCADE
);
CREATE UNIQUE INDEX dinings_locales_locale_parent_id_unique ON dinings_locales (_locale, _parent_id);

CREATE TABLE dinings_opening_hours_per_day (
    _order int NOT NULL,
    _parent_id int NOT NULL,
    id varchar PRIMARY KEY,
    day enum_dinings_opening_hours_per_day_day,
    open varchar,
    close varchar,
    CONSTRAINT dinings_opening_hours_per_day_parent_id_fk
    FOREIGN KEY (_parent_id) REFERENCES dinings ON DELETE CASCADE
);
CREATE INDEX dinings_opening_hours_per_day_order_idx ON dinings_opening_hours_per_day (_order);
CREATE INDEX dinings_opening_hours_per_day_parent_id_idx ON dinings_opening_hours_per_day (_parent_id);
