-- Purpose: show the CMS's shops and dinings as one narrow list
-- In: shops, dinings
-- Out: pln_cms, a temporary view
-- Params: none; `{{ shops_skip_sync }}` and `{{ dinings_skip_sync }}` are the column, or false where the CMS has none
CREATE TEMP VIEW pln_cms AS
SELECT
    'shops'::text AS record_table,
    id,
    unique_id::text AS unique_id,
    floor_id,
    status::text AS status,
    {{ shops_skip_sync }} AS skip_sync,
    updated_at
FROM shops
UNION ALL
SELECT
    'dinings'::text AS record_table,
    id,
    unique_id::text AS unique_id,
    floor_id,
    status::text AS status,
    {{ dinings_skip_sync }} AS skip_sync,
    updated_at
FROM dinings;
