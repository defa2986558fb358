-- Purpose: make the rollback's table of fields: one row a field that the run wrote, or that differs from what it wrote
-- In: none
-- Out: rbk_fields
-- Params: none
-- verdict: back (is put back), same (is as before already), stays; by_run: the later run that wrote what is there now,
-- null where that was an editor; reason: taken (another row has the unique_id) or refused (by the database);
-- message: the reason for people
CREATE TEMP TABLE rbk_fields (
    seq int8 NOT NULL,
    field text NOT NULL,
    before text,
    after text,
    present text,
    verdict text NOT NULL,
    by_run text,
    reason text,
    message text
) ON COMMIT DROP;
