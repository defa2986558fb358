-- Purpose: gather the fields of each record that is to be updated
-- In: pln_fields
-- Out: pln_changes
-- Params: none
INSERT INTO pln_changes (seq, before, after, conflicts)
SELECT
    seq,
    jsonb_object_agg(field, theirs) FILTER (WHERE is_written),
    jsonb_object_agg(field, ours) FILTER (WHERE is_written),
    jsonb_object_agg(
        field, jsonb_build_object('base', base, 'theirs', theirs, 'ours', ours)
    ) FILTER (WHERE verdict = 'conflict')
FROM pln_fields
GROUP BY seq
HAVING bool_or(is_written);
