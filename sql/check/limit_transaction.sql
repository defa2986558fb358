-- Purpose: limit how long statements of this transaction wait for a lock, and how long they run
-- In: none
-- Out: settings of the transaction
-- Params: $1, $2 text: milliseconds to wait for a lock, and for a statement; 0 for no limit
SELECT
    set_config('lock_timeout', $1, true),
    set_config('statement_timeout', $2, true);
