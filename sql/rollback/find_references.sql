-- Purpose: mark the created rows that a column of another table names
-- In: rbk_changes, the other table
-- Out: rbk_changes: detail
-- Params: $1 text: the column, as people read it; `{{ table }}` is shops or dinings, `{{ referrer }}` the other table,
--         `{{ key }}` its column; both come from the catalogue, quoted
UPDATE rbk_changes AS changes
SET detail = $1::text
WHERE
    changes.outcome IS NULL
    AND changes.was IN ('created', 'restored')
    AND changes.record_table = '{{ table }}'
    AND changes.detail IS NULL
    AND changes.record_id IN (SELECT other.{{ key }} FROM {{ referrer }} AS other WHERE other.{{ key }} IS NOT NULL);
