-- Purpose: print each CMS row that the plan writes or compared, with its texts, links and hours; a row that is gone has none
-- In: pln_records; shops or dinings with their locales, rels and hours per day
-- Out: one row a record: seq, what, print
-- Params: none; `{{ table }}` is shops or dinings
WITH planned AS (
    SELECT
        seq,
        record_id
    FROM pln_records
    WHERE record_table = '{{ table }}' AND action IN ('update', 'unchanged', 'inactivate')
),

texts AS (
    SELECT
        child._parent_id AS record_id,
        jsonb_agg(to_jsonb(child) ORDER BY child.id) AS image
    FROM {{ table }}_locales AS child
    WHERE child._parent_id IN (SELECT planned.record_id FROM planned)
    GROUP BY child._parent_id
),

links AS (
    SELECT
        child.parent_id AS record_id,
        jsonb_agg(to_jsonb(child) ORDER BY child.id) AS image
    FROM {{ table }}_rels AS child
    WHERE child.parent_id IN (SELECT planned.record_id FROM planned)
    GROUP BY child.parent_id
),

hours AS (
    SELECT
        child._parent_id AS record_id,
        jsonb_agg(to_jsonb(child) ORDER BY child.id) AS image
    FROM {{ table }}_opening_hours_per_day AS child
    WHERE child._parent_id IN (SELECT planned.record_id FROM planned)
    GROUP BY child._parent_id
)

SELECT
    planned.seq,
    'row' AS what,
    md5(jsonb_build_array(to_jsonb(record), texts.image, links.image, hours.image)::text) AS print
FROM planned
INNER JOIN {{ table }} AS record ON planned.record_id = record.id
LEFT JOIN texts ON planned.record_id = texts.record_id
LEFT JOIN links ON planned.record_id = links.record_id
LEFT JOIN hours ON planned.record_id = hours.record_id;
