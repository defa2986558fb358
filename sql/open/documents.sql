-- Purpose: read which rows somebody is editing in the CMS at this moment, by the database's clock
-- In: payload_locked_documents, payload_locked_documents_rels
-- Out: one row each, by id: id
-- Params: $1 int8: seconds since the last sign of an editor after which a document is no longer open; `{{ table }}` is shops or dinings
SELECT DISTINCT documents.{{ table }}_id::int4 AS id
FROM payload_locked_documents AS locks
INNER JOIN payload_locked_documents_rels AS documents ON locks.id = documents.parent_id
WHERE
    locks.updated_at > clock_timestamp() - make_interval(secs => $1)
    AND documents.path = 'document'
    AND documents.{{ table }}_id IS NOT NULL
ORDER BY 1;
