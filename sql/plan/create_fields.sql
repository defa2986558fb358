-- Purpose: make the plan's table of fields: one row for each place where source and CMS differ
-- In: none
-- Out: pln_fields
-- Params: none
CREATE TEMP TABLE pln_fields (
    seq int8 NOT NULL,
    field text NOT NULL,
    base text,
    theirs text,
    ours text,
    verdict text NOT NULL,
    is_written bool NOT NULL
) ON COMMIT DROP;
