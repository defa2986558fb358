-- Purpose: put the updates of a saved plan back
-- In: sav_changes
-- Out: pln_changes
-- Params: none
INSERT INTO pln_changes (seq, before, after, conflicts)
SELECT
    seq,
    before::jsonb,
    after::jsonb,
    conflicts::jsonb
FROM sav_changes
ORDER BY seq;
