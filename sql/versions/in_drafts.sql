-- Purpose: name the rows of which an editor's draft keeps fields as it has them, for people
-- In: ver_drafts
-- Out: one row: rows, how many there are, and named, some of them with the fields; both null where there is none
-- Params: none
SELECT
    max(drafts.place) AS rows,
    string_agg(drafts.unique_id || ' (' || drafts.fields || ')', '; ' ORDER BY drafts.place) FILTER (
        WHERE drafts.place <= 10
    ) AS named
FROM (
    SELECT
        unique_id,
        string_agg(field, ', ' ORDER BY field) AS fields,
        row_number() OVER (ORDER BY unique_id) AS place
    FROM ver_drafts
    GROUP BY unique_id
) AS drafts;
