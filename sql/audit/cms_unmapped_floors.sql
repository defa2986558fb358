-- Purpose: list the floor labels that fit no floor on the CMS's screen of runs, most frequent first
-- In: api_sync_logs, etl.sync_issues
-- Out: api_sync_logs_unmapped_data_unmapped_floors; one row: how many there are, listed or not
-- Params: $1 sync_id, $2 int8: how many to list; `{{ columns }}` and `{{ values }}` are those columns that the CMS has
WITH found AS (
    SELECT
        value AS label,
        row_number() OVER (ORDER BY count(*) DESC, value ASC) AS ordinal
    FROM etl.sync_issues
    WHERE sync_id = $1::text AND code = 'unmapped_floor'
    GROUP BY value
),

written AS (
    INSERT INTO api_sync_logs_unmapped_data_unmapped_floors ({{ columns }})
    SELECT {{ values }}
    FROM (
        SELECT
            found.ordinal AS _order,
            shown.id AS _parent_id,
            left(md5(concat_ws(':', shown.sync_id, 'unmapped_floors', found.ordinal)), 24) AS id,
            found.label AS floor_name
        FROM found
        INNER JOIN api_sync_logs AS shown ON shown.sync_id = $1::text
        WHERE found.ordinal <= $2
    ) AS given
)

SELECT count(*) AS found FROM found;
