-- Purpose: make the plan's table of updates: what each updated record has before and after
-- In: none
-- Out: pln_changes
-- Params: none
CREATE TEMP TABLE pln_changes (
    seq int8 NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    conflicts jsonb
) ON COMMIT DROP;
