-- Purpose: make the rollback's table of changes: what becomes of each change of the run
-- In: none
-- Out: rbk_changes
-- Params: none
-- outcome: put_back, deleted, inactivated, restored, stays, already; reason: why it stays, or is set INACTIVE and not
-- deleted; detail: what names or refused it; message: the reason for people; nth: its place among those of its outcome
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
    nth int8
) ON COMMIT DROP;
