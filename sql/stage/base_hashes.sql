-- Purpose: read the hash of every record's last source
-- In: etl.tenants_base, shops, dinings
-- Out: one int8 a record
-- Params: $1 bool: leave out records whose row is gone, so that they are staged whole and can be made again; those that lived
--         in the wrong table are left out in any case, and where that row is in the CMS's trash
SELECT base.source_hash
FROM etl.tenants_base AS base
WHERE
    (NOT $1::bool AND base.record_table = base.kind)
    OR (
        base.record_table = 'shops'
        AND EXISTS (
            SELECT 1 FROM shops
            WHERE
                shops.id = base.record_id
                AND {{ comparable_id_of_shops }} = base.unique_id
                AND (base.record_table = base.kind OR to_jsonb(shops) ->> 'deleted_at' IS NULL)
        )
    )
    OR (
        base.record_table = 'dinings'
        AND EXISTS (
            SELECT 1 FROM dinings
            WHERE
                dinings.id = base.record_id
                AND {{ comparable_id_of_dinings }} = base.unique_id
                AND (base.record_table = base.kind OR to_jsonb(dinings) ->> 'deleted_at' IS NULL)
        )
    );
