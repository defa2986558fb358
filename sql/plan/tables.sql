-- Purpose: make the plan's temporary tables, empty, and its view of the CMS's rows
-- In: shops, dinings
-- Out: pln_records, pln_kept, pln_fields, pln_changes, pln_slugs, pln_links, pln_feed, pln_cms, pln_trash
-- Params: none; `{{ shops_skip_sync }}` and `{{ dinings_skip_sync }}` are the column, or false where the CMS has none;
--         `{{ shops_is_trashed }}` and `{{ dinings_is_trashed }}` tell whether a row is in its trash

-- records: one row for each that is not plainly unchanged
CREATE TEMP TABLE pln_records (
    seq int8,
    unique_id text NOT NULL,
    source_unique_id text NOT NULL,
    kind text,
    kind_rule text,
    floor_id int4,
    derived bool,
    source_hash int8,
    base_unique_id text,
    base_hash int8,
    found_by text,
    record_table text,
    record_id int4,
    found_in_cms text,
    kept_blank text,
    has_editors_link bool NOT NULL DEFAULT false,
    action text,
    reason text
) ON COMMIT DROP;

-- rows of records whose floor label was not understood: they stay
CREATE TEMP TABLE pln_kept (
    seq int8 NOT NULL,
    -- the first of the rows that were staged of the record
    from_seq int8 NOT NULL,
    unique_id text NOT NULL,
    source_unique_id text NOT NULL,
    floor_id int4,
    record_table text NOT NULL,
    record_id int4 NOT NULL,
    source_hash int8,
    is_staged bool NOT NULL,
    -- not staged at all, or with another floor
    is_held bool NOT NULL
) ON COMMIT DROP;

-- fields: one row for each place where source and CMS differ
CREATE TEMP TABLE pln_fields (
    seq int8 NOT NULL,
    field text NOT NULL,
    base text,
    theirs text,
    ours text,
    verdict text NOT NULL,
    is_written bool NOT NULL,
    is_put_back bool NOT NULL DEFAULT false
) ON COMMIT DROP;

-- updates: what each updated record has before and after
CREATE TEMP TABLE pln_changes (
    seq int8 NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    conflicts jsonb
) ON COMMIT DROP;

-- slugs for new records
CREATE TEMP TABLE pln_slugs (
    seq int8 NOT NULL,
    slug text NOT NULL
) ON COMMIT DROP;

-- existing category links that the plan rewrites or removes
CREATE TEMP TABLE pln_links (
    seq int8 NOT NULL,
    link_id int4 NOT NULL,
    path text NOT NULL,
    category_id int4 NOT NULL,
    link_order int4,
    new_order int4,
    is_kept bool NOT NULL
) ON COMMIT DROP;

-- the feed's own figures, one row
CREATE TEMP TABLE pln_feed (
    processed int8 NOT NULL,
    shops int8 NOT NULL
) ON COMMIT DROP;

-- the CMS's shops and dinings as one narrow list; an id there may have been written with blanks, or marks that nobody sees.
-- What is in the CMS's trash is gone, until an editor brings it back
DROP VIEW IF EXISTS pg_temp.pln_cms;

CREATE TEMP VIEW pln_cms AS
SELECT
    'shops'::text AS record_table,
    id,
    {{ comparable_id }} AS unique_id,
    unique_id::text AS written_id,
    floor_id,
    status::text AS status,
    {{ shops_skip_sync }} AS skip_sync,
    updated_at
FROM shops
WHERE NOT {{ shops_is_trashed }}
UNION ALL
SELECT
    'dinings'::text AS record_table,
    id,
    {{ comparable_id }} AS unique_id,
    unique_id::text AS written_id,
    floor_id,
    status::text AS status,
    {{ dinings_skip_sync }} AS skip_sync,
    updated_at
FROM dinings
WHERE NOT {{ dinings_is_trashed }};

-- the rows in the CMS's trash
DROP VIEW IF EXISTS pg_temp.pln_trash;

CREATE TEMP VIEW pln_trash AS
SELECT
    'shops'::text AS record_table,
    id,
    {{ comparable_id }} AS unique_id
FROM shops
WHERE {{ shops_is_trashed }}
UNION ALL
SELECT
    'dinings'::text AS record_table,
    id,
    {{ comparable_id }} AS unique_id
FROM dinings
WHERE {{ dinings_is_trashed }};
