-- Purpose: make the CMS-shaped tables of shops or of dinings in an empty database
-- In: the types and tables of cms.sql
-- Out: the records, and of each record its texts, its links and its opening hours per day
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
CREATE INDEX {{ table }}_unique_id_idx ON {{ table }} (unique_id);
CREATE INDEX {{ table }}_slug_idx ON {{ table }} (slug);

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
CREATE INDEX {{ table }}_locales_parent_idx ON {{ table }}_locales (_parent_id);

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
CREATE INDEX {{ table }}_rels_parent_idx ON {{ table }}_rels (parent_id);

CREATE TABLE {{ table }}_opening_hours_per_day (
    _order int NOT NULL,
    _parent_id int NOT NULL REFERENCES {{ table }} ON DELETE CASCADE,
    id varchar PRIMARY KEY,
    day enum_{{ table }}_opening_hours_per_day_day,
    open varchar,
    close varchar
);
CREATE INDEX {{ table }}_hours_parent_idx ON {{ table }}_opening_hours_per_day (_parent_id);
