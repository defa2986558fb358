-- Purpose: find the tables that hold a shop or dining and its versions, and how a row of each becomes one of a version
-- In: pg_class, pg_attribute, pg_constraint; the setting etl.cms_schema
-- Out: one row a table, a parent before its parts, by side, level and name: side: main for the record's own tables, version for those
--      of its versions; part: its name; parent_part: the table that its key names; from_name: quoted; from_key: the column that names
--      the parent, quoted, null for the record itself; from_key_type: its type; to_name: the table of the version, quoted, null where it
--      has none; to_key and to_key_type: as of the former; columns: those of the version's table, and expressions: what each takes,
--      of the alias `main` or `version`; sequence_name: what the version's table takes its ids from, as a literal;
--      has_parts: other tables name its rows
-- Params: none; `{{ table }}` is shops or dinings
WITH RECURSIVE own AS (
    SELECT
        classes.oid,
        classes.relname::text AS relname
    FROM pg_class AS classes
    INNER JOIN pg_namespace AS namespaces ON classes.relnamespace = namespaces.oid
    WHERE
        namespaces.nspname = current_setting('etl.cms_schema')
        AND classes.relkind IN ('r', 'p')
        AND classes.relowner = (
            SELECT record.relowner FROM pg_class AS record
            WHERE record.relname = '{{ table }}' AND record.relnamespace = namespaces.oid
        )
),

-- what a part names its record by: declared, or by the CMS's naming. A link of an editor's is not deleted with what it names
named AS (
    SELECT
        constraints.conrelid AS oid,
        constraints.confrelid AS parent_oid,
        attributes.attname::text AS key
    FROM pg_constraint AS constraints
    INNER JOIN pg_attribute AS attributes
        ON constraints.conrelid = attributes.attrelid AND constraints.conkey = ARRAY[attributes.attnum]
    WHERE
        constraints.contype = 'f'
        AND constraints.confdeltype = 'c'
        AND attributes.attname IN ('_parent_id', 'parent_id')
    UNION
    SELECT
        child.oid,
        record.oid,
        attributes.attname::text
    FROM own AS record
    INNER JOIN own AS child
        ON child.relname IN (
            record.relname || '_locales',
            record.relname || '_rels',
            record.relname || '_opening_hours_per_day',
            record.relname || '_version_opening_hours_per_day'
        )
    INNER JOIN pg_attribute AS attributes
        ON child.oid = attributes.attrelid AND attributes.attname IN ('_parent_id', 'parent_id')
    WHERE record.relname IN ('{{ table }}', '_{{ table }}_v')
),

parts AS (
    SELECT
        own.oid,
        own.relname AS part,
        CASE own.relname WHEN '{{ table }}' THEN 'main' ELSE 'version' END AS side,
        nullif(own.relname, own.relname) AS parent_part,
        nullif(own.relname, own.relname) AS key,
        0 AS level
    FROM own
    WHERE own.relname IN ('{{ table }}', '_{{ table }}_v')
    UNION ALL
    SELECT
        own.oid,
        own.relname,
        parts.side,
        parts.part,
        named.key,
        parts.level + 1
    FROM parts
    INNER JOIN named ON parts.oid = named.parent_oid
    INNER JOIN own ON named.oid = own.oid
    WHERE parts.level < 8 AND own.oid <> parts.oid
),

-- the version's own table of a part: of an array's name `version` is a part, of a block's it is not
pairs AS (
    SELECT DISTINCT ON (main.part)
        main.part,
        version.oid,
        version.key
    FROM parts AS main
    INNER JOIN parts AS version ON main.side = 'main' AND version.side = 'version' AND main.level = version.level
    CROSS JOIN LATERAL (
        VALUES
        (1, regexp_replace(main.part, '^{{ table }}', '_{{ table }}_v_version')),
        (2, regexp_replace(main.part, '^{{ table }}', '_{{ table }}_v')),
        (3, '_' || main.part || '_v')
    ) AS candidates (rank, name)
    WHERE candidates.name = version.part
    ORDER BY main.part ASC, candidates.rank ASC
),

routes AS (
    SELECT
        parts.*,
        CASE parts.side WHEN 'version' THEN parts.oid ELSE pairs.oid END AS to_oid,
        CASE parts.side WHEN 'version' THEN parts.key ELSE pairs.key END AS to_key
    FROM parts
    LEFT JOIN pairs ON parts.side = 'main' AND parts.part = pairs.part
),

columns AS (
    SELECT
        routes.side,
        routes.part,
        array_agg(quote_ident(there.attname) ORDER BY here.attnum) AS columns,
        array_agg(
            CASE
                WHEN routes.side = 'main' AND here.attname IN ('path', '_path')
                    THEN '''version.'' || ' || routes.side || '.' || quote_ident(here.attname)
                WHEN here.atttypid = there.atttypid THEN routes.side || '.' || quote_ident(here.attname)
                ELSE
                    routes.side || '.' || quote_ident(here.attname) || '::text::'
                    || format_type(there.atttypid, there.atttypmod)
            END ORDER BY here.attnum
        ) AS expressions
    FROM routes
    INNER JOIN pg_attribute AS here ON routes.oid = here.attrelid AND here.attnum > 0 AND NOT here.attisdropped
    INNER JOIN LATERAL (
        SELECT
            attributes.attname,
            attributes.atttypid,
            attributes.atttypmod
        FROM pg_attribute AS attributes
        WHERE
            attributes.attrelid = routes.to_oid
            AND attributes.attnum > 0
            AND NOT attributes.attisdropped
            AND attributes.attgenerated = ''
            AND attributes.attname <> 'id'
            AND CASE
                WHEN routes.side = 'version' THEN attributes.attname = here.attname
                WHEN here.attname = 'id' THEN routes.level > 0 AND attributes.attname = '_uuid'
                WHEN routes.level = 0 THEN attributes.attname::text = 'version_' || here.attname
                ELSE attributes.attname::text IN ('version_' || here.attname, here.attname)
            END
        ORDER BY attributes.attname = here.attname
        LIMIT 1
    ) AS there ON TRUE
    WHERE
        here.attname IS DISTINCT FROM routes.key
        -- the new version has its own
        AND NOT (
            routes.side = 'version'
            AND routes.level = 0
            AND here.attname IN (
                'parent_id', 'created_at', 'updated_at', 'latest', 'autosave', 'snapshot', 'published_locale'
            )
        )
    GROUP BY routes.side, routes.part
)

SELECT
    routes.side,
    routes.part,
    routes.parent_part,
    routes.oid::regclass::text AS from_name,
    quote_ident(routes.key) AS from_key,
    format_type(from_keys.atttypid, NULL) AS from_key_type,
    routes.to_oid::regclass::text AS to_name,
    quote_ident(routes.to_key) AS to_key,
    format_type(to_keys.atttypid, NULL) AS to_key_type,
    coalesce(columns.columns, '{}') AS columns,
    coalesce(columns.expressions, '{}') AS expressions,
    quote_literal(pg_get_serial_sequence(routes.to_oid::regclass::text, 'id')) AS sequence_name,
    routes.part IN (
        SELECT children.parent_part FROM routes AS children
        WHERE children.side = routes.side AND children.parent_part IS NOT NULL
    ) AS has_parts
FROM routes
LEFT JOIN columns ON routes.side = columns.side AND routes.part = columns.part
LEFT JOIN pg_attribute AS from_keys
    ON routes.oid = from_keys.attrelid AND routes.key = from_keys.attname AND NOT from_keys.attisdropped
LEFT JOIN pg_attribute AS to_keys
    ON routes.to_oid = to_keys.attrelid AND routes.to_key = to_keys.attname AND NOT to_keys.attisdropped
ORDER BY routes.side, routes.level, routes.part;
