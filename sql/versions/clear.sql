-- Purpose: forget the rows that got their version
-- In: none
-- Out: ver_rows, ver_keys
-- Params: none
TRUNCATE ver_rows, ver_keys;
