-- Purpose: define the form in which spellings of one phrase are equal: without &, and, commas, slashes, hyphens, spaces
-- In: macro folded
-- Out: macro spelling_key(text); null where nothing is left
-- Params: none
CREATE OR REPLACE MACRO spelling_key(raw_text) AS
nullif(
    replace(
        regexp_replace(
            ' ' || regexp_replace(folded(raw_text), '[&,/ \x{2010}-\x{2015}-]+', ' ', 'g') || ' ',
            '( and)+ ', ' ', 'g'
        ),
        ' ', ''
    ),
    ''
);
