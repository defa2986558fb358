-- Purpose: set what a session of the job needs; to be run before any temporary table is used
-- In: none
-- Out: settings of the session
-- Params: $1, $2 text: milliseconds to wait for a lock, and for a statement; 0 for no limit
SELECT
    -- words of findings and prints of rows must not depend on where the role lives
    set_config('TimeZone', 'UTC', false),
    set_config('lock_timeout', $1, false),
    set_config('statement_timeout', $2, false),
    -- a server's defaults are made for many small queries; it takes this memory only where it is used
    set_config('work_mem', '32MB', false),
    set_config('temp_buffers', '32MB', false),
    set_config('jit', 'off', false);
