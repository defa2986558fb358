-- Purpose: read what the CMS's tables and the job's own really are, and what the role may do there, whatever it may see
-- In: pg_class, pg_attribute, pg_type, pg_enum, pg_depend, pg_rewrite
-- Out: one row a column of each table that is there, those of versions of shops and dinings too; the job's own as `etl.name`.
--      hides_rows: row level security applies to the role; rights: those that it has, rules: those that do something in place of a
--      statement, both joined by commas; category: pg_type's; base_type: that of a domain; labels: of an enum, joined by line ends;
--      is_not_null: whatever its default; is_required: and it has none; sequence_name: what the default takes from,
--      quoted, null where the role needs no right on it
-- Params: $1 text: the CMS's tables; $2 text: the job's own, both joined by commas
WITH tables AS MATERIALIZED (
    SELECT
        classes.oid,
        CASE WHEN namespaces.nspname = 'etl' THEN 'etl.' ELSE '' END || classes.relname AS table_name,
        classes.relowner,
        row_security_active(classes.oid) AS hides_rows,
        concat_ws(
            ',',
            CASE WHEN has_table_privilege(classes.oid, 'SELECT') THEN 'SELECT' END,
            CASE WHEN has_table_privilege(classes.oid, 'INSERT') THEN 'INSERT' END,
            CASE WHEN has_table_privilege(classes.oid, 'UPDATE') THEN 'UPDATE' END,
            CASE WHEN has_table_privilege(classes.oid, 'DELETE') THEN 'DELETE' END
        ) AS rights,
        coalesce((
            SELECT string_agg(rules.rulename, ', ' ORDER BY rules.rulename)
            FROM pg_rewrite AS rules
            WHERE rules.ev_class = classes.oid AND rules.is_instead AND rules.ev_enabled IN ('O', 'A')
        ), '') AS rules
    FROM pg_class AS classes
    INNER JOIN pg_namespace AS namespaces ON classes.relnamespace = namespaces.oid
    WHERE
        classes.relkind IN ('r', 'p')
        AND (
            (
                namespaces.nspname = current_setting('etl.cms_schema')
                AND (
                    classes.relname = ANY(string_to_array($1, ',')::name[])
                    OR classes.relname ~ '^_(shops|dinings)_v(_|$)'
                    -- what a copy of a row for its versions reads beside the tables that each CMS has
                    OR (
                        classes.relname ~ '^(shops|dinings)_'
                        AND EXISTS (
                            SELECT 1 FROM pg_class AS versions
                            WHERE
                                versions.relnamespace = classes.relnamespace
                                AND versions.relname = '_' || split_part(classes.relname, '_', 1) || '_v'
                        )
                        AND EXISTS (
                            SELECT 1 FROM pg_constraint AS constraints
                            WHERE
                                constraints.conrelid = classes.oid
                                AND constraints.contype = 'f'
                                AND constraints.confdeltype = 'c'
                        )
                    )
                )
            )
            OR (namespaces.nspname = 'etl' AND classes.relname = ANY(string_to_array($2, ',')::name[]))
        )
)

SELECT
    tables.table_name::text AS table_name,
    pg_get_userbyid(tables.relowner)::text AS owner,
    tables.hides_rows,
    tables.rights,
    tables.rules,
    attributes.attname::text AS column_name,
    format_type(attributes.atttypid, attributes.atttypmod) AS type_name,
    types.typcategory::text AS category,
    format_type(coalesce(nullif(types.typbasetype, 0), types.oid), NULL) AS base_type,
    coalesce((
        SELECT string_agg(labels.enumlabel, E'\n' ORDER BY labels.enumsortorder)
        FROM pg_enum AS labels
        WHERE labels.enumtypid = coalesce(nullif(types.typbasetype, 0), types.oid)
    ), '') AS labels,
    attributes.attnotnull OR types.typnotnull AS is_not_null,
    (attributes.attnotnull OR types.typnotnull)
    AND NOT attributes.atthasdef
    AND attributes.attidentity = ''
    AND types.typdefault IS NULL AS is_required,
    attributes.attgenerated <> '' AS is_generated,
    taken.sequence_name,
    coalesce(taken.may_use, TRUE) AS may_use_sequence
FROM tables
INNER JOIN pg_attribute AS attributes
    ON tables.oid = attributes.attrelid AND attributes.attnum > 0 AND NOT attributes.attisdropped
INNER JOIN pg_type AS types ON attributes.atttypid = types.oid
LEFT JOIN LATERAL (
    -- the sequence of a default, or of an identity, which asks for no right on it
    SELECT
        sequences.oid::regclass::text AS sequence_name,
        attributes.attidentity <> '' OR has_sequence_privilege(sequences.oid, 'USAGE') AS may_use
    FROM pg_class AS sequences
    WHERE
        attributes.attname = 'id'
        AND sequences.relkind = 'S'
        AND sequences.oid IN (
            SELECT used.refobjid
            FROM pg_attrdef AS defaults
            INNER JOIN pg_depend AS used
                ON defaults.oid = used.objid AND used.classid = 'pg_attrdef'::regclass
            WHERE
                defaults.adrelid = attributes.attrelid
                AND defaults.adnum = attributes.attnum
                AND used.refclassid = 'pg_class'::regclass
            UNION ALL
            SELECT owned.objid
            FROM pg_depend AS owned
            WHERE
                owned.classid = 'pg_class'::regclass
                AND owned.refclassid = 'pg_class'::regclass
                AND owned.refobjid = attributes.attrelid
                AND owned.refobjsubid = attributes.attnum
                AND owned.deptype = 'i'
        )
    ORDER BY sequences.oid
    LIMIT 1
) AS taken ON TRUE
ORDER BY tables.table_name, attributes.attnum;
