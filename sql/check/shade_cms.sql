-- Purpose: show the CMS's tables to the session as temporary views, where others may create things in their schema: so the
--          schema need not be on the search path, and nothing of theirs is called
-- In: the tables of etl.cms_tables, the screen of runs and the documents that are open, as far as they are of the owner of shops
-- Out: a temporary view of each, by its name
-- Params: none; the settings etl.cms_schema and etl.cms_tables, which sql/check/set_session.sql made
DO $$
DECLARE
    place text := current_setting('etl.cms_schema');
    name text;
BEGIN
    FOR name IN
        SELECT classes.relname
        FROM pg_class AS classes
        WHERE
            classes.relnamespace = to_regnamespace(quote_ident(place))
            AND classes.relkind IN ('r', 'p')
            AND (
                classes.relname = ANY(string_to_array(current_setting('etl.cms_tables'), ',')::name[])
                OR starts_with(classes.relname, 'api_sync_logs')
                OR starts_with(classes.relname, 'payload_locked_documents')
            )
            AND classes.relowner = (
                SELECT shops.relowner FROM pg_class AS shops WHERE shops.oid = to_regclass(quote_ident(place) || '.shops')
            )
    LOOP
        EXECUTE format('CREATE OR REPLACE TEMP VIEW %I AS SELECT * FROM %I.%I', name, place, name);
    END LOOP;
END
$$;
