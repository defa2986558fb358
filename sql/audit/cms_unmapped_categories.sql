-- Purpose: list the category labels that fit no category on the CMS's screen of runs, most frequent first
-- In: api_sync_logs, etl.sync_logs, etl.sync_issues
-- Out: api_sync_logs_unmapped_data_unmapped_categories; one row: how many there are, listed or not
-- Params: $1 sync_id, $2 int8: how many to list; `{{ columns }}` and `{{ values }}` are those columns that the CMS has
-- A finding has one label: the English one, else the Thai one. Where the other is not known, both names are null.
WITH labels AS (
    SELECT
        field,
        value AS label,
        count(*) AS records
    FROM etl.sync_issues
    WHERE sync_id = $1::text AND code = 'unmapped_category'
    GROUP BY field, value
),

found AS (
    SELECT
        labels.label,
        replace(labels.field, '_category_id', '') AS kind,
        known.en,
        known.th,
        row_number() OVER (ORDER BY labels.records DESC, labels.label ASC, labels.field ASC, known.th ASC, known.en ASC)
            AS ordinal
    FROM labels
    LEFT JOIN LATERAL (
        SELECT pairs.*
        FROM etl.sync_logs AS logs
        CROSS JOIN jsonb_to_recordset(logs.unmapped_labels) AS pairs (kind text, label text, en text, th text)
        WHERE logs.sync_id = $1::text
    ) AS known
        ON labels.field = known.kind || '_category_id' AND labels.label = known.label
),

written AS (
    INSERT INTO api_sync_logs_unmapped_data_unmapped_categories ({{ columns }})
    SELECT {{ values }}
    FROM (
        SELECT
            found.ordinal AS _order,
            shown.id AS _parent_id,
            left(md5(concat_ws(':', shown.sync_id, 'unmapped_categories', found.ordinal)), 24) AS id,
            found.label AS category_name,
            found.kind AS type,
            found.en AS english_name,
            found.th AS thai_name
        FROM found
        INNER JOIN api_sync_logs AS shown ON shown.sync_id = $1::text
        WHERE found.ordinal <= $2
    ) AS given
)

SELECT count(*) AS found FROM found;
