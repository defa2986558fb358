-- Purpose: read what the server is
-- In: none
-- Out: one row
-- Params: none
SELECT
    current_setting('server_version') AS version,
    current_setting('server_version_num')::int4 AS version_number,
    current_setting('server_encoding') AS encoding,
    current_setting('transaction_read_only') AS read_only,
    current_database()::text AS database,
    current_user::text AS username,
    pg_is_in_recovery() AS in_recovery;
