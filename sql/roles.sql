-- Purpose: make two roles with just the rights that the job needs: `etl_sync` to run it, `etl_read` to look (diff, runs,
--          explain, move and rollback without --yes); run with psql by the owner of the CMS's tables, after each `etl init` that made
--          tables, and whenever a release of the CMS adds some: psql --single-transaction -f sql/roles.sql
-- In: the CMS's tables in public, the job's in schema etl
-- Out: rights; then give a login of your own one of the roles: CREATE ROLE iconsiam_etl LOGIN PASSWORD '…' IN ROLE etl_sync
-- Params: none; the job never runs this file
-- On Postgres 13 and 14, and where a database was upgraded from one, everybody may make tables in public, and no role can be
-- spared what PUBLIC has. Only its owner can end that, for all (REVOKE CREATE ON SCHEMA public FROM PUBLIC), and a CMS whose
-- role owns nothing may rest on it: so this file warns and leaves it.
DO $$
DECLARE
    home text;
    place text;
    sequence text;
BEGIN
    IF to_regrole('etl_sync') IS NULL THEN
        CREATE ROLE etl_sync NOLOGIN;
    END IF;
    IF to_regrole('etl_read') IS NULL THEN
        CREATE ROLE etl_read NOLOGIN;
    END IF;

    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO etl_sync, etl_read', current_database());
    GRANT USAGE ON SCHEMA public, etl TO etl_sync, etl_read;
    IF has_schema_privilege('etl_read', 'public', 'CREATE') THEN
        RAISE WARNING 'etl_sync and etl_read can make tables in schema public, as everybody can in this database'
            USING HINT = 'REVOKE CREATE ON SCHEMA public FROM PUBLIC ends that, for all roles but the owner.';
    END IF;

    GRANT SELECT ON floors, categories, categories_locales TO etl_sync, etl_read;
    FOREACH place IN ARRAY ARRAY['shops', 'dinings'] LOOP
        EXECUTE format('GRANT SELECT ON %1$I, %2$I, %3$I, %4$I TO etl_read',
                       place, place || '_locales', place || '_rels', place || '_opening_hours_per_day');
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %1$I, %2$I, %3$I, %4$I TO etl_sync',
                       place, place || '_locales', place || '_rels', place || '_opening_hours_per_day');
        EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %1$I, %2$I, %3$I TO etl_sync',
                       place || '_id_seq', place || '_locales_id_seq', place || '_rels_id_seq');
    END LOOP;

    -- versions of shops and dinings, where the CMS keeps any, and what a copy of a row for them reads
    FOR home, place, sequence IN
        SELECT
            namespaces.nspname,
            tables.relname,
            (
                SELECT sequences.relname
                FROM pg_depend AS owned
                INNER JOIN pg_class AS sequences ON owned.objid = sequences.oid AND sequences.relkind = 'S'
                WHERE owned.refobjid = tables.oid AND owned.classid = 'pg_class'::regclass
            )
        FROM pg_class AS tables
        INNER JOIN pg_namespace AS namespaces ON tables.relnamespace = namespaces.oid
        INNER JOIN pg_class AS shops ON tables.relnamespace = shops.relnamespace AND shops.oid = 'shops'::regclass
        WHERE tables.relkind IN ('r', 'p') AND tables.relname ~ '^_(shops|dinings)_v(_|$)'
    LOOP
        EXECUTE format('GRANT SELECT ON %I.%I TO etl_read', home, place);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO etl_sync', home, place);
        IF sequence IS NOT NULL THEN
            EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %I.%I TO etl_sync', home, sequence);
        END IF;
    END LOOP;
    FOR home, place IN
        SELECT
            namespaces.nspname,
            tables.relname
        FROM pg_class AS tables
        INNER JOIN pg_namespace AS namespaces ON tables.relnamespace = namespaces.oid
        INNER JOIN pg_class AS shops ON tables.relnamespace = shops.relnamespace AND shops.oid = 'shops'::regclass
        INNER JOIN pg_constraint AS constraints ON tables.oid = constraints.conrelid
        WHERE
            tables.relname ~ '^(shops|dinings)_'
            AND constraints.contype = 'f'
            AND constraints.confdeltype = 'c'
            AND to_regclass('_shops_v') IS NOT NULL
    LOOP
        EXECUTE format('GRANT SELECT ON %I.%I TO etl_sync, etl_read', home, place);
    END LOOP;

    -- who has a document open, where the CMS notes that
    IF to_regclass('payload_locked_documents') IS NOT NULL THEN
        GRANT SELECT ON payload_locked_documents, payload_locked_documents_rels TO etl_sync, etl_read;
    END IF;

    -- the CMS's own screen of runs, where there is one
    IF to_regclass('api_sync_logs') IS NOT NULL THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON api_sync_logs TO etl_sync;
        GRANT USAGE ON SEQUENCE api_sync_logs_id_seq TO etl_sync;
        FOREACH place IN ARRAY ARRAY[
            'errors', 'validation_issues', 'unmapped_data_unmapped_floors', 'unmapped_data_unmapped_categories'
        ] LOOP
            IF to_regclass('api_sync_logs_' || place) IS NOT NULL THEN
                EXECUTE format('GRANT INSERT ON %I TO etl_sync', 'api_sync_logs_' || place);
            END IF;
        END LOOP;
    END IF;

    GRANT SELECT ON ALL TABLES IN SCHEMA etl TO etl_sync, etl_read;
    GRANT INSERT, UPDATE ON etl.sync_logs, etl.sources, etl.tenants_base TO etl_sync;
    GRANT INSERT ON etl.sync_issues, etl.sync_changes TO etl_sync;
    -- what is older than RUNS_KEEP_DAYS and CHANGES_KEEP_DAYS
    GRANT DELETE ON etl.sync_logs, etl.sync_issues, etl.sync_changes TO etl_sync;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA etl TO etl_sync;
END
$$;
