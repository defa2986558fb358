-- Purpose: find the columns of other tables that name a row of shops or dinings, declared or by the CMS's naming
-- In: pg_constraint, pg_attribute, pg_class; the setting etl.cms_schema
-- Out: one row a column, quoted, and whether this role may read it; those of the record's own parts are left out, and those of
--      locks and of its versions, which go with the row
-- Params: none; `{{ table }}` is shops or dinings
WITH own AS (
    -- by the schema: where that is shared, the name alone is a view of the session's own
    SELECT
        classes.oid,
        classes.relname,
        classes.relnamespace
    FROM pg_class AS classes
    INNER JOIN pg_namespace AS namespaces ON classes.relnamespace = namespaces.oid
    WHERE
        namespaces.nspname = current_setting('etl.cms_schema')
        AND classes.relname IN (
            '{{ table }}', '{{ table }}_locales', '{{ table }}_rels', '{{ table }}_opening_hours_per_day'
        )
),

named AS (
    SELECT
        constraints.conrelid AS table_oid,
        constraints.conkey[array_position(constraints.confkey, ids.attnum)] AS column_number
    FROM pg_constraint AS constraints
    INNER JOIN pg_attribute AS ids ON constraints.confrelid = ids.attrelid AND ids.attname = 'id'
    WHERE
        constraints.contype = 'f'
        AND constraints.confrelid = (SELECT own.oid FROM own WHERE own.relname = '{{ table }}')
        AND ids.attnum = ANY(constraints.confkey)
    UNION
    -- a relation of the CMS need not be declared
    SELECT
        attributes.attrelid,
        attributes.attnum
    FROM pg_attribute AS attributes
    INNER JOIN pg_class AS classes ON attributes.attrelid = classes.oid
    WHERE
        attributes.attname = '{{ table }}_id'
        AND classes.relkind IN ('r', 'p')
        AND classes.relname LIKE '%\_rels'
        AND classes.relnamespace = (SELECT own.relnamespace FROM own WHERE own.relname = '{{ table }}')
)

SELECT
    named.table_oid::regclass::text AS table_name,
    quote_ident(attributes.attname) AS column_name,
    has_column_privilege(named.table_oid, named.column_number, 'SELECT') AS is_readable
FROM named
INNER JOIN pg_attribute AS attributes
    ON named.table_oid = attributes.attrelid AND named.column_number = attributes.attnum AND NOT attributes.attisdropped
INNER JOIN pg_class AS referrers ON named.table_oid = referrers.oid
WHERE
    referrers.relname <> 'payload_locked_documents_rels'
    AND NOT (referrers.relname = '_{{ table }}_v' AND attributes.attname = 'parent_id')
    AND NOT EXISTS (
        SELECT 1
        FROM own
        WHERE
            own.oid = named.table_oid
            AND (
                (own.relname = '{{ table }}_rels' AND attributes.attname = 'parent_id')
                OR (
                    own.relname IN ('{{ table }}_locales', '{{ table }}_opening_hours_per_day')
                    AND attributes.attname = '_parent_id'
                )
            )
    )
ORDER BY 1, 2;
