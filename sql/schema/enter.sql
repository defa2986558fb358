-- Purpose: let the CMS-shaped tables be made in a schema, to the end of the transaction
-- In: none
-- Out: a setting of the transaction
-- Params: $1 text: the schema; '' leaves it again
SELECT set_config('search_path', concat_ws(', ', nullif(quote_ident($1), '""'), 'pg_catalog', 'pg_temp'), true);
