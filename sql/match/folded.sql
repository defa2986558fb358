-- Purpose: define the form in which labels and names are compared without regard to case and white space
-- In: macro tidied
-- Out: macro folded(text); null where nothing is left
-- Params: none
-- upper before lower: the two small Greek sigmas and the dotted and dotless i meet only in their capital
CREATE OR REPLACE MACRO folded(raw_text) AS
lower(upper(tidied(raw_text)));
