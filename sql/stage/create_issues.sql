-- Purpose: make the staging table of findings
-- In: none
-- Out: stg_issues
-- Params: none
CREATE TEMP TABLE stg_issues (
    ordinal int8 GENERATED ALWAYS AS IDENTITY,
    unique_id text,
    severity text NOT NULL,
    code text NOT NULL,
    field text,
    message text NOT NULL,
    value text
) ON COMMIT DROP;
