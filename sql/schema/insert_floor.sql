-- Purpose: add a standard floor, in an empty database only
-- In: none
-- Out: floors
-- Params: $1 name, $2 order
INSERT INTO floors (name, "order", status)
VALUES ($1, $2::int4, 'ACTIVE');
