-- Purpose: leave a unique_id where it is when another row has the earlier one by now
-- In: rbk_fields, rbk_changes, shops, dinings
-- Out: rbk_fields
-- Params: none
UPDATE rbk_fields AS fields
SET
    verdict = 'stays',
    reason = 'taken'
FROM rbk_changes AS changes
WHERE
    fields.seq = changes.seq
    AND fields.field = 'unique_id'
    AND fields.verdict = 'back'
    AND EXISTS (
        SELECT 1
        FROM (
            SELECT
                'shops' AS record_table,
                shops.id
            FROM shops
            WHERE shops.unique_id = fields.before
            UNION ALL
            SELECT
                'dinings',
                dinings.id
            FROM dinings
            WHERE dinings.unique_id = fields.before
        ) AS other
        WHERE
            NOT EXISTS (
                SELECT 1 FROM rbk_changes AS going
                WHERE
                    going.record_table = other.record_table
                    AND going.record_id = other.id
                    AND (going.outcome = 'deleted' OR going.seq = fields.seq)
            )
    );
