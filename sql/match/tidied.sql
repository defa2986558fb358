-- Purpose: define a text with its white space folded: NFC, every run of white space one space, none at the ends
-- In: none
-- Out: macro tidied(text); null where nothing is left
-- Params: none
CREATE OR REPLACE MACRO tidied(raw_text) AS
nullif(trim(regexp_replace(nfc_normalize(raw_text), '[\s\p{Z}]+', ' ', 'g')), '');
