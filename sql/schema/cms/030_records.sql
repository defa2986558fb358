-- Purpose: make the CMS-shaped table of shops or dinings
-- In: none
-- Out: a table
-- Params: none; `{{ table }}` is shops or dinings
CREATE TABLE {{ table }} (
    id serial PRIMARY KEY,
    unique_id varchar,
    slug varchar,
    slug_lock bool DEFAULT true,
    status enum_{{ table }}_status DEFAULT 'ACTIVE',
    floor_id int REFERENCES floors ON DELETE SET NULL,
    location_zone varchar,
    location_coordinates_poi_x numeric,
    location_coordinates_poi_y numeric,
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
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);
