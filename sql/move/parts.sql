-- Purpose: find the tables that hold parts of a shop or dining, and what of each the other kind's tables can take
-- In: pg_class, pg_attribute, pg_constraint; the setting etl.cms_schema
-- Out: one row a table, a parent before its parts, by level and name: part: its name behind that of the record's table, '' for
--      that itself; parent_part: that of the table that its key names; key: the column that does so; from_name and to_name:
--      quoted, the latter null where the other kind has none; columns and expressions: what is copied as it is, the latter of
--      `part`, cast where the types differ; left_columns: what the other table does not have, joined by line ends; key_type:
--      of the other table's key; has_text_id: its rows have ids of the CMS's own making; may_read, may_write: the role's rights
-- Params: none; `{{ table }}` is shops or dinings, `{{ other }}` the other one
WITH RECURSIVE own AS (
    SELECT
        classes.oid,
        classes.relname::text AS relname
    FROM pg_class AS classes
    INNER JOIN pg_namespace AS namespaces ON classes.relnamespace = namespaces.oid
    WHERE namespaces.nspname = current_setting('etl.cms_schema') AND classes.relkind IN ('r', 'p')
),

-- what a part names its record by: declared, or by the CMS's naming
named AS (
    SELECT
        constraints.conrelid AS oid,
        constraints.confrelid AS parent_oid,
        attributes.attname::text AS key
    FROM pg_constraint AS constraints
    INNER JOIN pg_attribute AS attributes
        ON constraints.conrelid = attributes.attrelid AND constraints.conkey = ARRAY[attributes.attnum]
    WHERE constraints.contype = 'f' AND attributes.attname IN ('_parent_id', 'parent_id')
    UNION
    SELECT
        child.oid,
        record.oid,
        attributes.attname::text
    FROM own AS record
    INNER JOIN own AS child
        ON child.relname IN ('{{ table }}_locales', '{{ table }}_rels', '{{ table }}_opening_hours_per_day')
    INNER JOIN pg_attribute AS attributes
        ON child.oid = attributes.attrelid AND attributes.attname IN ('_parent_id', 'parent_id')
    WHERE record.relname = '{{ table }}'
),

parts AS (
    SELECT
        own.oid,
        own.relname,
        -- of the collation that names have
        left(own.relname, 0) AS part,
        nullif(own.relname, own.relname) AS parent_part,
        nullif(own.relname, own.relname) AS key,
        0 AS level
    FROM own
    WHERE own.relname = '{{ table }}'
    UNION ALL
    SELECT
        own.oid,
        own.relname,
        substr(own.relname, length('{{ table }}') + 1),
        parts.part,
        named.key,
        parts.level + 1
    FROM parts
    INNER JOIN named ON parts.oid = named.parent_oid
    INNER JOIN own ON named.oid = own.oid AND starts_with(own.relname, parts.relname || '_')
    WHERE parts.level < 8
),

columns AS (
    SELECT
        parts.part,
        string_agg(quote_ident(here.attname), ', ' ORDER BY here.attnum) FILTER (WHERE there.attname IS NOT NULL) AS columns,
        string_agg(
            CASE
                WHEN here.atttypid = there.atttypid THEN 'part.' || quote_ident(here.attname)
                ELSE
                    'part.' || quote_ident(here.attname) || '::text::' || format_type(there.atttypid, there.atttypmod)
            END, ', ' ORDER BY here.attnum
        ) FILTER (WHERE there.attname IS NOT NULL) AS expressions,
        string_agg(here.attname::text, E'\n' ORDER BY here.attnum) FILTER (WHERE there.attname IS NULL) AS left_columns
    FROM parts
    INNER JOIN pg_attribute AS here ON parts.oid = here.attrelid AND here.attnum > 0 AND NOT here.attisdropped
    LEFT JOIN own AS counterpart ON counterpart.relname = '{{ other }}' || parts.part
    LEFT JOIN pg_attribute AS there
        ON
            counterpart.oid = there.attrelid
            AND here.attname = there.attname
            AND there.attnum > 0
            AND NOT there.attisdropped
            AND there.attgenerated = ''
    WHERE
        here.attname <> 'id'
        AND here.attname IS DISTINCT FROM parts.key
        AND here.attgenerated = ''
        -- the new row has its own
        AND NOT (parts.part = '' AND here.attname IN ('unique_id', 'slug', 'updated_at'))
    GROUP BY parts.part
)

SELECT
    parts.part,
    parts.parent_part,
    quote_ident(parts.key) AS key,
    parts.oid::regclass::text AS from_name,
    counterpart.oid::regclass::text AS to_name,
    columns.columns,
    columns.expressions,
    coalesce(columns.left_columns, '') AS left_columns,
    format_type(keys.atttypid, NULL) AS key_type,
    coalesce(ids.atttypid::regtype::text IN ('text', 'character varying'), FALSE) AS has_text_id,
    has_table_privilege(parts.oid, 'SELECT') AS may_read,
    coalesce(
        has_table_privilege(counterpart.oid, 'INSERT')
        AND coalesce(
            has_sequence_privilege(pg_get_serial_sequence(counterpart.oid::regclass::text, new_ids.attname), 'USAGE'),
            TRUE
        ),
        FALSE
    ) AS may_write
FROM parts
LEFT JOIN columns ON parts.part = columns.part
LEFT JOIN own AS counterpart ON counterpart.relname = '{{ other }}' || parts.part
LEFT JOIN pg_attribute AS keys
    ON counterpart.oid = keys.attrelid AND parts.key = keys.attname AND NOT keys.attisdropped
LEFT JOIN pg_attribute AS ids ON parts.oid = ids.attrelid AND ids.attname = 'id' AND NOT ids.attisdropped
LEFT JOIN pg_attribute AS new_ids
    ON counterpart.oid = new_ids.attrelid AND new_ids.attname = 'id' AND NOT new_ids.attisdropped
ORDER BY parts.level, parts.part;
