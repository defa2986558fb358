-- Purpose: report what the plan found out: conflicts, changed kinds, deleted, missing and returned records, rows left behind
-- In: pln_records, pln_kept, pln_fields, pln_cms, stg_keys, stg_tenants, etl.tenants_base, stg_issues
-- Out: stg_issues
-- Params: $1 text: the hours in conflict as people read them, JSON by their text
INSERT INTO stg_issues (unique_id, severity, code, field, message, value)
WITH words AS MATERIALIZED (
    SELECT $1::text::jsonb AS by_text
)

SELECT
    findings.unique_id,
    {{ severity_of_code }},
    findings.code,
    findings.field,
    findings.message,
    findings.value
FROM (
    SELECT
        records.seq,
        records.unique_id,
        'conflict' AS code,
        fields.field,
        format(
            CASE
                WHEN fields.is_put_back AND fields.is_written THEN {{ words_conflict_form_source }}
                WHEN fields.is_put_back THEN {{ words_conflict_form_editor }}
                WHEN fields.is_written THEN {{ words_conflict_source }}
                ELSE {{ words_conflict_editor }}
            END,
            fields.field
        ) AS message,
        jsonb_build_object(
            'base', CASE WHEN fields.field = 'hours' THEN words.by_text ->> fields.base ELSE fields.base END,
            'editor', CASE WHEN fields.field = 'hours' THEN words.by_text ->> fields.theirs ELSE fields.theirs END,
            'source', CASE WHEN fields.field = 'hours' THEN words.by_text ->> fields.ours ELSE fields.ours END
        )::text AS value
    FROM pln_fields AS fields
    INNER JOIN pln_records AS records ON fields.seq = records.seq
    CROSS JOIN words
    WHERE fields.verdict = 'conflict'
    UNION ALL
    SELECT
        records.seq,
        records.unique_id,
        'kind_changed',
        'kind',
        format(
            CASE
                WHEN
                    CASE
                        WHEN records.record_table = 'shops' THEN staged.shops_category_id
                        ELSE staged.dinings_category_id
                    END IS NULL
                    THEN {{ words_kind_changed_fits_none }}
                ELSE {{ words_kind_changed_fits }}
            END,
            records.kind,
            records.record_table,
            records.source_unique_id
        ),
        records.kind
    FROM pln_records AS records
    LEFT JOIN stg_tenants AS staged ON records.seq = staged.seq
    WHERE
        records.record_table <> records.kind
        AND records.action IN ('update', 'unchanged')
        -- a label that says nothing does not say that the kind has changed
        AND records.kind_rule NOT IN ('default', 'blank')
    UNION ALL
    SELECT
        records.seq,
        records.unique_id,
        'kind_changed',
        'kind',
        format({{ words_kind_changed_made }}, base.record_table, records.kind),
        records.kind
    FROM pln_records AS records
    INNER JOIN etl.tenants_base AS base ON records.base_unique_id = base.unique_id
    WHERE records.action = 'create' AND records.reason = 'other_kind'
    UNION ALL
    -- each run: Payload's Duplicate copies the unique_id (of first contact plan/find_by_unique_id has told)
    SELECT
        doubled.seq,
        doubled.unique_id,
        'duplicate_row',
        'unique_id',
        format({{ words_duplicate_row }}, doubled.places, doubled.named, doubled.chosen),
        doubled.named
    FROM (
        SELECT
            keys.seq,
            keys.unique_id,
            base.record_table || ' ' || base.record_id AS chosen,
            count(*) AS places,
            string_agg(
                copies.record_table || ' ' || copies.id, ', '
                ORDER BY
                    (copies.record_table = base.record_table AND copies.id = base.record_id) DESC,
                    (copies.record_table = base.record_table) DESC,
                    copies.id ASC
            ) AS named
        FROM stg_keys AS keys
        INNER JOIN etl.tenants_base AS base ON keys.unique_id = base.unique_id
        INNER JOIN pln_cms AS copies ON keys.unique_id = copies.unique_id
        WHERE
            copies.unique_id IN (SELECT rows.unique_id FROM pln_cms AS rows GROUP BY rows.unique_id HAVING count(*) > 1)
            AND keys.seq NOT IN (
                SELECT records.seq FROM pln_records AS records
                WHERE records.seq IS NOT NULL AND records.found_by IS DISTINCT FROM 'base'
            )
            -- not the row that a move left
            AND (copies.record_table = base.record_table OR copies.status IS DISTINCT FROM 'INACTIVE')
        GROUP BY keys.seq, keys.unique_id, base.record_table, base.record_id
        HAVING count(*) > 1
    ) AS doubled
    UNION ALL
    SELECT
        records.seq,
        records.unique_id,
        'deleted_in_cms',
        NULL,
        CASE records.reason
            WHEN 'in_trash' THEN {{ words_deleted_in_cms_trashed }}
            ELSE {{ words_deleted_in_cms_gone }}
        END,
        NULL
    FROM pln_records AS records
    WHERE records.action = 'skip' AND records.reason IN ('deleted_in_cms', 'in_trash')
    UNION ALL
    SELECT
        records.seq,
        records.unique_id,
        'put_back',
        NULL,
        format(
            CASE WHEN bool_and(fields.is_written) THEN {{ words_put_back_retaken }} ELSE {{ words_put_back_kept }} END,
            string_agg(fields.field, ', ' ORDER BY fields.field)
        ),
        string_agg(fields.field, ', ' ORDER BY fields.field)
    FROM pln_fields AS fields
    INNER JOIN pln_records AS records ON fields.seq = records.seq
    WHERE fields.is_put_back AND fields.verdict <> 'conflict'
    GROUP BY records.seq, records.unique_id
    UNION ALL
    SELECT
        records.seq,
        records.unique_id,
        'id_reassigned',
        'unique_id',
        CASE
            WHEN records.derived
                THEN format({{ words_id_reassigned_copy }}, base.source_unique_id, records.source_unique_id)
            ELSE format({{ words_id_reassigned_own }}, base.source_unique_id)
        END,
        base.source_unique_id
    FROM pln_records AS records
    INNER JOIN etl.tenants_base AS base ON records.unique_id = base.unique_id
    WHERE
        base.source_unique_id <> records.source_unique_id
        AND (NOT records.derived OR records.action IN ('update', 'unchanged'))
    UNION ALL
    SELECT
        records.seq,
        records.unique_id,
        'returned',
        NULL,
        format({{ words_returned }}, base.missing_since::date),
        NULL
    FROM pln_records AS records
    INNER JOIN etl.tenants_base AS base ON records.base_unique_id = base.unique_id
    WHERE
        base.missing_since IS NOT NULL
        AND base.source_unique_id = records.source_unique_id
        AND records.action IN ('update', 'unchanged')
    UNION ALL
    SELECT
        records.seq,
        records.unique_id,
        'live_row_left',
        'unique_id',
        format(
            {{ words_live_row_left }},
            records.record_table, records.record_id, cms.record_table, cms.id, cms.unique_id
        ),
        cms.unique_id
    FROM pln_records AS records
    INNER JOIN etl.tenants_base AS base ON records.base_unique_id = base.unique_id
    INNER JOIN etl.tenants_base AS live ON records.source_unique_id = live.source_unique_id
    INNER JOIN pln_records AS gone ON live.unique_id = gone.base_unique_id
    INNER JOIN pln_cms AS cms ON gone.record_table = cms.record_table AND gone.record_id = cms.id
    WHERE
        records.action IN ('update', 'unchanged')
        AND base.missing_since IS NOT NULL
        AND gone.action = 'missing'
        AND live.missing_since IS NULL
        AND cms.floor_id = records.floor_id
    UNION ALL
    SELECT
        keys.seq,
        keys.unique_id,
        'value_kept',
        NULL,
        format({{ words_value_kept }}, blank.fields),
        blank.fields
    FROM stg_keys AS keys
    INNER JOIN (
        SELECT
            records.seq,
            records.kept_blank AS fields
        FROM pln_records AS records
        WHERE records.action IN ('update', 'unchanged')
        UNION ALL
        -- of a record that is plainly unchanged the base knows it
        SELECT
            known.seq,
            base.kept_blank
        FROM etl.tenants_base AS base
        INNER JOIN stg_keys AS known ON base.unique_id = known.unique_id
        LEFT JOIN pln_records AS planned ON known.seq = planned.seq
        WHERE base.kept_blank IS NOT NULL AND planned.seq IS NULL
    ) AS blank ON keys.seq = blank.seq
    WHERE blank.fields IS NOT NULL
    UNION ALL
    SELECT
        kept.seq,
        kept.unique_id,
        'row_kept',
        'floor_id',
        format({{ words_row_kept }}, kept.record_table, kept.record_id),
        kept.record_table || ' ' || kept.record_id
    FROM pln_kept AS kept
    INNER JOIN stg_keys AS kept_keys ON kept.seq = kept_keys.seq
    INNER JOIN pln_cms AS kept_rows
        ON
            kept.record_table = kept_rows.record_table
            AND kept.record_id = kept_rows.id
            AND kept.unique_id = kept_rows.unique_id
    WHERE kept.is_held
    UNION ALL
    SELECT
        records.seq,
        records.unique_id,
        'missing',
        NULL,
        CASE
            WHEN records.action = 'inactivate'
                THEN {{ words_missing_inactivated }}
            WHEN records.base_unique_id IS NULL
                THEN {{ words_missing_not_ours }}
            ELSE {{ words_missing_kept }}
        END,
        records.record_table || ' ' || records.record_id
    FROM pln_records AS records
    WHERE records.action IN ('missing', 'inactivate')
) AS findings
ORDER BY findings.seq ASC NULLS LAST, findings.unique_id ASC, findings.code ASC, findings.field ASC, findings.value ASC;
