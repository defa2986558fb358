-- Purpose: make the staging table of findings
-- In: none
-- Out: stg_issues
-- Params: none
CREATE TEMP TABLE stg_issues (
    ordinal int8 GENERATED ALWAYS AS IDENTITY,
    unique_id text,
    id_prefix text NOT NULL DEFAULT '',
    severity text NOT NULL,
    code text NOT NULL,
    field text,
    message text NOT NULL,
    value text
) ON COMMIT DROP;
