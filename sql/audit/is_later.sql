-- Purpose: tell whether one run began after another; by their ids, which are of the clocks of their machines, where the
-- log has not both of them any more
-- In: etl.sync_logs
-- Out: one row: is_later
-- Params: $1 text: the sync_id of the one; $2 text: of the other
SELECT
    coalesce(
        (
            SELECT one.started_at > other.started_at
            FROM etl.sync_logs AS one
            CROSS JOIN etl.sync_logs AS other
            WHERE one.sync_id = $1 AND other.sync_id = $2
        ),
        $1::text COLLATE "C" > $2::text COLLATE "C"
    ) AS is_later;
