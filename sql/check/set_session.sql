-- Purpose: set every setting that a session of the job rests on, and find the schema of the CMS's tables
-- In: pg_class, pg_namespace, pg_stat_activity
-- Out: one row: cms_schema, '' where none or several may be it; cms_schemas, those that may, joined by line ends; is_shared,
--      whether others may create there; the session's pid and start; what the server is and the role may; the settings as they are now
-- Params: $1 text: milliseconds between looks whether the client is still there; $2, $3 text: milliseconds to wait for a
--         lock, and for a statement, 0 for no limit; $4 text: the CMS's tables; $5 text: the schemas that the address names,
--         both joined by commas; $6 int8: the process that must be the session's, else no row comes and nothing is set; 0 for any
WITH places AS (
    SELECT
        namespaces.oid,
        namespaces.nspname::text AS schema_name,
        namespaces.nspowner,
        namespaces.nspacl,
        count(*) AS tables,
        array_agg(classes.relowner) AS owners
    FROM pg_class AS classes
    INNER JOIN pg_namespace AS namespaces ON classes.relnamespace = namespaces.oid
    WHERE
        classes.relname = ANY(string_to_array($4, ',')::name[])
        AND classes.relkind IN ('r', 'p')
        AND namespaces.nspname !~ '^pg_'
        AND namespaces.nspname NOT IN ('etl', 'information_schema')
    GROUP BY namespaces.oid, namespaces.nspname, namespaces.nspowner, namespaces.nspacl
),

likely AS (
    SELECT
        places.*,
        array_position(string_to_array($5, ','), places.schema_name) AS named,
        max(places.tables) OVER () AS most
    FROM places
),

chosen AS (
    -- the first that is named, or, where none is, the only one that holds as many
    SELECT
        likely.*,
        0 < (
            SELECT count(*)
            FROM aclexplode(coalesce(likely.nspacl, acldefault('n', likely.nspowner))) AS rights
            WHERE
                rights.privilege_type = 'CREATE'
                AND rights.grantee <> likely.nspowner
                AND rights.grantee <> ALL(likely.owners)
                AND rights.grantee <> current_user::regrole::oid
        ) AS is_shared
    FROM likely
    WHERE
        likely.named IS NOT NULL
        OR (
            $5 = ''
            AND likely.tables = likely.most
            AND 1 = (SELECT count(*) FROM likely AS others WHERE others.tables = others.most)
        )
    ORDER BY likely.named ASC
    LIMIT 1
),

found AS (
    SELECT
        coalesce(min(chosen.schema_name), '') AS cms_schema,
        coalesce(bool_or(chosen.is_shared), FALSE) AS is_shared
    FROM chosen
)

SELECT
    found.cms_schema,
    found.is_shared,
    (
        SELECT coalesce(string_agg(likely.schema_name, E'\n' ORDER BY likely.schema_name), '')
        FROM likely
        WHERE likely.tables = likely.most
    ) AS cms_schemas,
    pg_backend_pid()::int8 AS pid,
    (SELECT mine.backend_start::text FROM pg_stat_activity AS mine WHERE mine.pid = pg_backend_pid()) AS started,
    -- temporary tables come before the CMS's, of the same name or not; names of others come nowhere
    set_config(
        'search_path',
        'pg_catalog, pg_temp'
        || CASE WHEN found.is_shared OR found.cms_schema = '' THEN '' ELSE ', ' || quote_ident(found.cms_schema) END,
        FALSE
    ) AS search_path,
    set_config('etl.cms_schema', found.cms_schema, FALSE) AS own_cms_schema,
    set_config('etl.cms_tables', $4, FALSE) AS own_cms_tables,
    found.cms_schema = '' OR has_schema_privilege(found.cms_schema, 'USAGE') AS may_use_cms,
    has_database_privilege(current_database(), 'TEMPORARY') AS may_make_temporary,
    current_setting('server_encoding') AS server_encoding,
    current_setting('server_version') AS version,
    current_setting('server_version_num')::int4 AS version_number,
    pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS is_read_only,
    current_user::text AS username,
    set_config('client_encoding', 'UTF8', FALSE) AS client_encoding,
    -- the server refuses with its own words where a policy would hide rows
    set_config('row_security', 'off', FALSE) AS row_security,
    -- words of findings and prints of rows must not depend on where the role lives
    set_config('TimeZone', 'UTC', FALSE) AS "TimeZone",
    set_config('DateStyle', 'ISO, MDY', FALSE) AS "DateStyle",
    set_config('IntervalStyle', 'postgres', FALSE) AS "IntervalStyle",
    set_config('extra_float_digits', '1', FALSE) AS extra_float_digits,
    set_config('standard_conforming_strings', 'on', FALSE) AS standard_conforming_strings,
    set_config('array_nulls', 'on', FALSE) AS array_nulls,
    set_config('transform_null_equals', 'off', FALSE) AS transform_null_equals,
    set_config('quote_all_identifiers', 'off', FALSE) AS quote_all_identifiers,
    set_config('exit_on_error', 'off', FALSE) AS exit_on_error,
    set_config('default_transaction_isolation', 'read committed', FALSE) AS default_transaction_isolation,
    set_config('default_transaction_deferrable', 'off', FALSE) AS default_transaction_deferrable,
    current_setting('session_replication_role') AS session_replication_role,
    set_config('lock_timeout', $2, FALSE) AS lock_timeout,
    set_config('statement_timeout', $3, FALSE) AS statement_timeout,
    -- while pages are fetched or hashed the session idles, in a transaction or out of it
    set_config('idle_in_transaction_session_timeout', '0', FALSE) AS idle_in_transaction_session_timeout,
    CASE WHEN current_setting('idle_session_timeout', TRUE) IS NOT NULL  -- from 14
        THEN set_config('idle_session_timeout', '0', FALSE) END AS idle_session_timeout,
    CASE WHEN current_setting('transaction_timeout', TRUE) IS NOT NULL  -- from 17
        THEN set_config('transaction_timeout', '0', FALSE) END AS transaction_timeout,
    -- a client that is gone without a word is found out, and its lock free, within 60 s; without meaning on a socket
    set_config('tcp_keepalives_idle', '30', FALSE) AS tcp_keepalives_idle,
    set_config('tcp_keepalives_interval', '10', FALSE) AS tcp_keepalives_interval,
    set_config('tcp_keepalives_count', '3', FALSE) AS tcp_keepalives_count,
    set_config('tcp_user_timeout', '60000', FALSE) AS tcp_user_timeout,
    CASE WHEN current_setting('client_connection_check_interval', TRUE) IS NOT NULL  -- from 14
        THEN set_config('client_connection_check_interval', $1, FALSE) END AS client_connection_check_interval,
    -- views of schema etl, and the temporary ones: a superuser may have forbidden them for pg_dump's sake
    CASE WHEN current_setting('restrict_nonsystem_relation_kind', TRUE) IS NOT NULL
        THEN set_config('restrict_nonsystem_relation_kind', '', FALSE) END AS restrict_nonsystem_relation_kind,
    -- a server's defaults are made for many small queries; it takes this memory only where it is used
    set_config('work_mem', '32MB', FALSE) AS work_mem,
    set_config('temp_buffers', '32MB', FALSE) AS temp_buffers,
    set_config('jit', 'off', FALSE) AS jit
FROM found
WHERE $6 IN (0, pg_backend_pid());
