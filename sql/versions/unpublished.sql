-- Purpose: find the rows of which an editor has a draft beside the published row
-- In: `{{ rows }}`, shops or dinings, the table of their versions
-- Out: one row each: seq
-- Params: none; `{{ table }}` is shops or dinings, `{{ rows }}` gives seq and record_id, `{{ versions }}` is the table of the versions
SELECT DISTINCT asked.seq
FROM (
    {{ rows }}
) AS asked
INNER JOIN {{ table }} AS record ON asked.record_id = record.id
INNER JOIN {{ versions }} AS versions ON record.id = versions.parent_id AND coalesce(versions.latest, FALSE)
WHERE to_jsonb(versions) ->> 'version__status' IS DISTINCT FROM to_jsonb(record) ->> '_status'
ORDER BY asked.seq;
