-- Purpose: make the rollback's temporary tables, empty
-- In: none
-- Out: rbk_changes, rbk_fields, rbk_back, rbk_rows
-- Params: none

-- changes: what becomes of each change of the run
-- outcome: put_back, deleted, inactivated, restored, stays, already; reason: why it stays, or is set INACTIVE and not
-- deleted; detail: what names or refused it; message: the reason for people; nth: its place among those of its outcome;
-- is_stuck: of a moved record that stays where it is
CREATE TEMP TABLE rbk_changes (
    seq int8 NOT NULL,
    change_id int8 NOT NULL,
    unique_id text NOT NULL,
    record_table text NOT NULL,
    record_id int4 NOT NULL,
    was text NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    row_images jsonb,
    title text,
    outcome text,
    reason text,
    detail text,
    message text,
    nth int8,
    is_stuck bool NOT NULL DEFAULT false
) ON COMMIT DROP;

-- fields: one row a field that the run wrote, or that differs from what it wrote
-- verdict: back (is put back), same (is as before already), stays; by_run: the later run that wrote what is there now,
-- null where that was an editor; reason: taken (another row has the unique_id), refused (by the database),
-- open_in_cms (somebody has the row open) or moved (the record's other row stays);
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

-- what it writes: before and after of each row whose fields change
CREATE TEMP TABLE rbk_back (
    seq int8 NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL
) ON COMMIT DROP;

-- whole rows that it removes and adds, so that it can be rolled back itself
CREATE TEMP TABLE rbk_rows (
    seq int8 NOT NULL,
    part text NOT NULL,
    side text NOT NULL,
    image jsonb NOT NULL
) ON COMMIT DROP;
