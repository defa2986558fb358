-- Purpose: set no row of a source INACTIVE whose records came without a uniqueId: nobody can tell whose rows are missing
-- In: pln_records, stg_issues, pln_sources
-- Out: pln_records, stg_issues
-- Params: none
WITH nameless AS (
    SELECT
        id_prefix,
        count(*) AS records
    FROM stg_issues
    WHERE code = 'missing_unique_id'
    GROUP BY id_prefix
),

withheld AS (
    UPDATE pln_records AS records
    SET action = 'missing'
    FROM nameless
    WHERE
        records.action = 'inactivate'
        AND nameless.id_prefix = coalesce(
            (
                SELECT source.id_prefix FROM pln_sources AS source
                WHERE source.id_prefix = left(records.unique_id, strpos(records.unique_id, ':'))
            ),
            ''
        )
    RETURNING nameless.id_prefix
)

INSERT INTO stg_issues (id_prefix, severity, code, field, message, value)
SELECT
    nameless.id_prefix,
    {{ severity_inactivate_withheld }},
    'inactivate_withheld',
    'unique_id',
    format({{ words_inactivate_withheld }}, withheld.rows, nameless.records),
    withheld.rows::text
FROM nameless
INNER JOIN (
    SELECT
        id_prefix,
        count(*) AS rows
    FROM withheld
    GROUP BY id_prefix
) AS withheld ON nameless.id_prefix = withheld.id_prefix
ORDER BY nameless.id_prefix COLLATE "C";
