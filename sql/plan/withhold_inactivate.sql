-- Purpose: set no row INACTIVE where records came without a uniqueId: nobody can tell whose rows are missing
-- In: pln_records, stg_issues
-- Out: pln_records, stg_issues
-- Params: none
WITH nameless AS (
    SELECT count(*) AS records
    FROM stg_issues
    WHERE code = 'missing_unique_id'
),

withheld AS (
    UPDATE pln_records AS records
    SET action = 'missing'
    FROM nameless
    WHERE records.action = 'inactivate' AND nameless.records > 0
    RETURNING records.unique_id
)

INSERT INTO stg_issues (severity, code, field, message, value)
SELECT
    {{ severity_inactivate_withheld }},
    'inactivate_withheld',
    'unique_id',
    format({{ words_inactivate_withheld }}, withheld.rows, nameless.records),
    withheld.rows::text
FROM nameless
CROSS JOIN (SELECT count(*) AS rows FROM withheld) AS withheld
WHERE withheld.rows > 0;
