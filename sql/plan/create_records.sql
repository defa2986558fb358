-- Purpose: make the plan's table of records: one row for each that is not plainly unchanged
-- In: none
-- Out: pln_records
-- Params: none
CREATE TEMP TABLE pln_records (
    seq int8,
    unique_id text NOT NULL,
    source_unique_id text NOT NULL,
    kind text,
    floor_id int4,
    derived bool,
    source_hash int8,
    base_unique_id text,
    base_hash int8,
    found_by text,
    record_table text,
    record_id int4,
    found_in_cms text,
    has_editors_link bool NOT NULL DEFAULT false,
    action text,
    reason text
) ON COMMIT DROP;
