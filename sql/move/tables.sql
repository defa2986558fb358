-- Purpose: make the temporary tables of a move, empty
-- In: none
-- Out: mov_rows, mov_keys, mov_links, mov_fields, mov_images
-- Params: none

-- rows: one for each row of the record that lives in the wrong table; to_id: the new row's, once it is made;
-- status, slug, updated_at, category_id: the old row's; to_slug, to_category_id: the new row's; base: what the base says of it
CREATE TEMP TABLE mov_rows (
    seq int8 NOT NULL,
    unique_id text NOT NULL,
    from_table text NOT NULL,
    from_id int4 NOT NULL,
    to_table text NOT NULL,
    to_id int4,
    status text,
    slug text,
    updated_at timestamptz,
    to_slug text,
    category_id int4,
    job_category_id int4,
    to_category_id int4,
    base jsonb NOT NULL
) ON COMMIT DROP;

-- keys: of each table that parts name their rows by, the old key and the new one; part: as in parts.sql
CREATE TEMP TABLE mov_keys (
    seq int8 NOT NULL,
    part text NOT NULL,
    from_key text NOT NULL,
    to_key text
) ON COMMIT DROP;

-- links: what becomes of the old row's; fate: copied, replaced (by that to the new category), hidden (of the earlier job),
-- of_kind (to a category of the old table's kind), no_column (the other table does not have its column)
CREATE TEMP TABLE mov_links (
    seq int8 NOT NULL,
    link_id int4 NOT NULL,
    link_order int4,
    path text NOT NULL,
    category_id int4,
    fate text NOT NULL
) ON COMMIT DROP;

-- fields: what a row has, as text; side: from or to
CREATE TEMP TABLE mov_fields (
    seq int8 NOT NULL,
    side text NOT NULL,
    field text NOT NULL,
    value text
) ON COMMIT DROP;

-- images: whole rows that a move removes
CREATE TEMP TABLE mov_images (
    seq int8 NOT NULL,
    part text NOT NULL,
    image jsonb NOT NULL
) ON COMMIT DROP;
