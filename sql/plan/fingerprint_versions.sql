-- Purpose: print the latest versions of the CMS rows that the plan writes, and of those that no list shows
-- In: pln_records, ver_missing, the table of the versions of shops or dinings
-- Out: one row a record: seq, what, print
-- Params: none; `{{ table }}` is shops or dinings, `{{ versions }}` the table of its versions
SELECT
    planned.seq,
    'version' AS what,
    md5(string_agg(version.id || ' ' || version.updated_at, ',' ORDER BY version.id)) AS print
FROM (
    SELECT
        seq,
        record_id
    FROM pln_records
    WHERE record_table = '{{ table }}' AND action IN ('update', 'inactivate')
    UNION ALL
    SELECT
        seq,
        record_id
    FROM ver_missing
    WHERE record_table = '{{ table }}'
) AS planned
INNER JOIN {{ versions }} AS version ON planned.record_id = version.parent_id AND coalesce(version.latest, FALSE)
GROUP BY planned.seq;
