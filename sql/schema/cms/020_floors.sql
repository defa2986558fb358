-- Purpose: make the CMS-shaped table of floors
-- In: none
-- Out: a table
-- Params: none
CREATE TABLE floors (
    id serial PRIMARY KEY,
    name varchar NOT NULL,
    "order" numeric DEFAULT 1,
    status enum_floors_status DEFAULT 'ACTIVE',
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now()
);
