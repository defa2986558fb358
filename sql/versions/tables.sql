-- Purpose: make the temporary tables of the versions that a CMS with drafts keeps, empty
-- In: none
-- Out: ver_missing, ver_drafts, ver_rows, ver_keys
-- Params: none

-- rows of the feed that have no version, so that no list of the CMS shows them
CREATE TEMP TABLE ver_missing (
    seq int8 NOT NULL,
    unique_id text NOT NULL,
    record_table text NOT NULL,
    record_id int4 NOT NULL
) ON COMMIT DROP;

-- fields that are written to a row and that an editor's draft of it has otherwise: the draft keeps its own
CREATE TEMP TABLE ver_drafts (
    seq int8 NOT NULL,
    unique_id text NOT NULL,
    record_table text NOT NULL,
    field text NOT NULL,
    draft text,
    published text
) ON COMMIT DROP;

-- rows that get a version, of one table and range. old_id: the latest version, null for none; takes: the fields that the new one
-- takes from the row, null where it is a copy of the row
CREATE TEMP TABLE ver_rows (
    record_id int4 NOT NULL,
    old_id int4,
    new_id int4 NOT NULL,
    takes jsonb
) ON COMMIT DROP;

-- keys: of each row that others name, the key of its copy. side: what is copied, main or version; part: its table;
-- new_id: the version that it belongs to
CREATE TEMP TABLE ver_keys (
    side text NOT NULL,
    part text NOT NULL,
    from_key text NOT NULL,
    to_key text NOT NULL,
    new_id int4 NOT NULL
) ON COMMIT DROP;
