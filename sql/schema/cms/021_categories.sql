-- Purpose: make the CMS-shaped table of categories
-- In: none
-- Out: a table
-- Params: none
CREATE TABLE categories (
    id serial PRIMARY KEY,
    type enum_categories_type,
    "order" numeric,
    status enum_categories_status DEFAULT 'ACTIVE',
    slug varchar UNIQUE NOT NULL,
    original_id varchar,
    pin_to_directory bool DEFAULT false,
    image_id int,
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);
