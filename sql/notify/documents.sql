-- Purpose: read the rows of the CMS that a run wrote, with the title and slug that they have now
-- In: etl.sync_changes, shops, dinings, shops_locales, dinings_locales
-- Out: one row a change, in the order in which they were written; of a row that is gone title and slug are those it had
-- Params: $1 sync_id, $2 int8: how many
WITH written AS MATERIALIZED (
    SELECT
        id,
        unique_id,
        record_table,
        record_id,
        action,
        CASE WHEN action = 'deleted' THEN before ELSE after END AS known,
        CASE WHEN action IN ('updated', 'inactivated') THEN after END AS changed
    FROM etl.sync_changes
    WHERE sync_id = $1
    ORDER BY id
    LIMIT $2
),

records AS (
    SELECT
        written.id,
        record.slug,
        texts._locale::text AS locale,
        texts.title
    FROM written
    INNER JOIN shops AS record ON written.record_id = record.id
    LEFT JOIN shops_locales AS texts ON record.id = texts._parent_id
    WHERE written.record_table = 'shops'
    UNION ALL
    SELECT
        written.id,
        record.slug,
        texts._locale::text,
        texts.title
    FROM written
    INNER JOIN dinings AS record ON written.record_id = record.id
    LEFT JOIN dinings_locales AS texts ON record.id = texts._parent_id
    WHERE written.record_table = 'dinings'
),

named AS (
    SELECT
        id,
        min(slug) AS slug,
        coalesce(
            nullif(min(title) FILTER (WHERE locale = 'en'), ''), nullif(min(title) FILTER (WHERE locale = 'th'), '')
        ) AS title
    FROM records
    GROUP BY id
)

SELECT
    written.record_table AS collection,
    written.record_id AS id,
    written.unique_id,
    coalesce(named.title, written.known ->> 'title_en', written.known ->> 'title_th') AS title,
    coalesce(named.slug, written.known ->> 'slug') AS slug,
    written.action,
    (
        SELECT jsonb_agg(names.field)::text
        FROM jsonb_object_keys(written.changed) AS names (field)
    ) AS fields
FROM written
LEFT JOIN named ON written.id = named.id
ORDER BY written.id;
