-- Purpose: mark all created rows where a table that may name them can't be read
-- In: rbk_changes
-- Out: rbk_changes: detail
-- Params: $1 text: the column, as people read it; `{{ table }}` is shops or dinings
UPDATE rbk_changes AS changes
SET detail = $1::text
WHERE
    changes.outcome IS NULL
    AND changes.was IN ('created', 'restored')
    AND changes.record_table = '{{ table }}'
    AND changes.detail IS NULL;
