-- Purpose: make shops with their texts and hours in an empty database, just as Payload does
-- In: the files before it, in the order of etl/load/schema.py
-- Out: tables
-- Params: none; written by `make cms-tables` (tests/payload/tables.py), not by hand
CREATE TABLE shops (
    id serial PRIMARY KEY,
    status enum_shops_status NOT NULL DEFAULT 'ACTIVE',
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
    CONSTRAINT shops_floor_id_floors_id_fk
    FOREIGN KEY (floor_id) REFERENCES floors ON DELETE SET NULL,
    CONSTRAINT shops_images_facebook_image_id_media_id_fk
    FOREIGN KEY (images_facebook_image_id) REFERENCES media ON DELETE SET NULL,
    CONSTRAINT shops_images_logo_id_media_id_fk
    FOREIGN KEY (images_logo_id) REFERENCES media ON DELETE SET NULL,
    CONSTRAINT shops_images_main_image_id_media_id_fk
    FOREIGN KEY (images_main_image_id) REFERENCES media ON DELETE SET NULL,
    CONSTRAINT shops_images_thumbnail_id_media_id_fk
    FOREIGN KEY (images_thumbnail_id) REFERENCES media ON DELETE SET NULL
);
CREATE INDEX shops_created_at_idx ON shops (created_at);
CREATE INDEX shops_floor_idx ON shops (floor_id);
CREATE INDEX shops_images_images_facebook_image_idx ON shops (images_facebook_image_id);
CREATE INDEX shops_images_images_logo_idx ON shops (images_logo_id);
CREATE INDEX shops_images_images_main_image_idx ON shops (images_main_image_id);
CREATE INDEX shops_images_images_thumbnail_idx ON shops (images_thumbnail_id);
CREATE INDEX shops_slug_idx ON shops (slug);
CREATE INDEX shops_unique_id_idx ON shops (unique_id);
CREATE INDEX shops_updated_at_idx ON shops (updated_at);

CREATE TABLE shops_locales (
    title varchar,
    subtitle varchar,
    description varchar,
    location_shop_number varchar,
    meta_title varchar,
    meta_description varchar,
    id serial PRIMARY KEY,
    _locale _locales NOT NULL,
    _parent_id int NOT NULL,
    CONSTRAINT shops_locales_parent_id_fk
    FOREIGN KEY (_parent_id) REFERENCES shops ON DELETE CASCADE
);
CREATE UNIQUE INDEX shops_locales_locale_parent_id_unique ON shops_locales (_locale, _parent_id);

CREATE TABLE shops_opening_hours_per_day (
    _order int NOT NULL,
    _parent_id int NOT NULL,
    id varchar PRIMARY KEY,
    day enum_shops_opening_hours_per_day_day,
    open varchar,
    close varchar,
    CONSTRAINT shops_opening_hours_per_day_parent_id_fk
    FOREIGN KEY (_parent_id) REFERENCES shops ON DELETE CASCADE
);
CREATE INDEX shops_opening_hours_per_day_order_idx ON shops_opening_hours_per_day (_order);
CREATE INDEX shops_opening_hours_per_day_parent_id_idx ON shops_opening_hours_per_day (_parent_id);
