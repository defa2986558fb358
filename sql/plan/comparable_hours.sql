-- Purpose: say by which text hours are compared: the days in any order, times in any spelling (9.00 is 09:00), '' as null.
-- Part of the statements that compare a source's hours with those of the CMS
-- In: none
-- Out: one row, none where there are no hours: form
-- Params: none; `{{ value }}` is hours as the contract writes them
SELECT
    jsonb_build_array(
        plain.hours -> 0,
        coalesce(plain.hours ->> 1, ''),
        coalesce(plain.hours ->> 2, ''),
        (
            SELECT jsonb_agg(days.hours ORDER BY days.hours)
            FROM (
                SELECT jsonb_build_array(day.hours ->> 0, coalesce(day.hours ->> 1, ''), coalesce(day.hours ->> 2, ''))
                FROM jsonb_array_elements(plain.hours -> 3) AS day (hours)
            ) AS days (hours)
        )
    )::text AS form
FROM (
    SELECT
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        translate(lower({{ value }}), '๐๑๒๓๔๕๖๗๘๙‐‑–—', '0123456789----'),
                        '[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]', '', 'g'
                    ),
                    '"\s+|\s+"', '"', 'g'
                ),
                '"([0-9]{1,2})[.:]([0-9]{2})(:00)?( ?น\.?)?"', '"0\1:\2"', 'g'
            ),
            '"0([0-9]{2}:)', '"\1', 'g'
        )::jsonb AS hours
    -- or it would be made again for each of its parts
    OFFSET 0
) AS plain
WHERE
    coalesce(plain.hours ->> 1, '') <> ''
    OR coalesce(plain.hours ->> 2, '') <> ''
    OR plain.hours -> 3 <> '[]';
