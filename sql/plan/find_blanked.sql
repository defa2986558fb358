-- Purpose: find the fields of the API that most records have lost that had them
-- In: pln_records, stg_tenants, etl.tenants_base
-- Out: one row a field: field; lost: records that had it and lack it now; had: records that had it; known: records that are in
-- the last feed and in this one
-- Params: $1 text: what the ids of the source begin with; $2 text: what those of other sources begin with, as a JSON list;
-- $3 text: the fields as a JSON list, in the order of their bits; $4 float8: the share of those that had it which are most
WITH changed AS (
    -- of a record with a row a floor each row says the same
    SELECT
        base.source_unique_id,
        bit_or(base.sent_fields & ~staged.sent_fields) AS lost
    FROM pln_records AS records
    INNER JOIN etl.tenants_base AS base ON records.base_unique_id = base.unique_id
    INNER JOIN stg_tenants AS staged ON records.seq = staged.seq
    -- of a row that is left alone the base stays as it is, run after run
    WHERE records.action IN ('update', 'unchanged') AND base.missing_since IS NULL
    GROUP BY base.source_unique_id
),

lost AS (
    SELECT
        fields.name,
        1 << (fields.place - 1)::int4 AS bit,
        count(*) AS lost
    FROM changed
    INNER JOIN jsonb_array_elements_text($3::text::jsonb) WITH ORDINALITY AS fields (name, place)
        ON changed.lost & (1 << (fields.place - 1)::int4) <> 0
    GROUP BY fields.name, fields.place
    -- as most runs have none, the base need not be counted
    HAVING count(*) >= (20 * $4)::numeric
)

SELECT
    lost.name AS field,
    lost.lost,
    feed.had,
    feed.known
FROM lost
CROSS JOIN LATERAL (
    SELECT
        count(DISTINCT base.source_unique_id) FILTER (WHERE base.sent_fields & lost.bit <> 0) AS had,
        count(DISTINCT base.source_unique_id) AS known
    FROM etl.tenants_base AS base
    WHERE
        base.missing_since IS NULL
        AND base.unique_id NOT IN (
            SELECT records.base_unique_id FROM pln_records AS records
            WHERE records.base_unique_id IS NOT NULL AND records.action IN ('skip', 'missing', 'inactivate')
        )
        AND (
            left(base.unique_id, strpos(base.unique_id, ':')) = $1
            OR ($1 = '' AND NOT $2::text::jsonb ? left(base.unique_id, strpos(base.unique_id, ':')))
        )
) AS feed
WHERE feed.had >= 20 AND feed.had >= feed.known * 0.1 AND lost.lost >= (feed.had * $4)::numeric
ORDER BY lost.bit;
