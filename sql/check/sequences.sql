-- Purpose: find sequences that would give an id which a table of the CMS has already, or a lower one, or none any more
-- In: shops, dinings and their tables with ids of a sequence; the sequences
-- Out: one row a sequence: table_name, sequence_name, following (null where it has given nothing yet, so that only itself
--      knows what it begins with), highest, is_readable, is_at_end
-- Params: $1 text: the tables; $2 text: their sequences, quoted, in the same order, both joined by line ends
WITH given AS (
    SELECT
        named.table_name,
        named.sequence_name,
        named.sequence_name::regclass AS sequence_oid
    FROM unnest(string_to_array($1, E'\n'), string_to_array($2, E'\n')) AS named (table_name, sequence_name)
),

-- the highest ids are those of the statement's snapshot, which is older than what the sequences are read as
highest AS (
    SELECT 'shops' AS table_name, max(id)::int8 AS id FROM shops
    UNION ALL
    SELECT 'shops_locales', max(id)::int8 FROM shops_locales
    UNION ALL
    SELECT 'shops_rels', max(id)::int8 FROM shops_rels
    UNION ALL
    SELECT 'dinings', max(id)::int8 FROM dinings
    UNION ALL
    SELECT 'dinings_locales', max(id)::int8 FROM dinings_locales
    UNION ALL
    SELECT 'dinings_rels', max(id)::int8 FROM dinings_rels
),

states AS (
    SELECT
        given.table_name,
        given.sequence_name,
        pg_sequence_last_value(given.sequence_oid) + sequences.seqincrement AS following,
        highest.id AS highest,
        sequences.seqmax AS maximum,
        has_sequence_privilege(given.sequence_oid, 'SELECT') AS is_readable
    FROM given
    INNER JOIN highest ON given.table_name = highest.table_name
    INNER JOIN pg_sequence AS sequences ON given.sequence_oid = sequences.seqrelid
    WHERE
        highest.id IS NOT NULL
        AND sequences.seqincrement > 0
        AND has_sequence_privilege(given.sequence_oid, 'USAGE, SELECT')
)

SELECT
    states.table_name,
    states.sequence_name,
    states.following,
    states.highest,
    states.is_readable,
    coalesce(states.following > states.maximum, FALSE) AS is_at_end
FROM states
WHERE
    coalesce(states.following, states.highest) <= states.highest
    OR states.following > states.maximum
ORDER BY states.table_name;
