"""What a CMS is, for people: which Payload, and how its site is set up, by the catalogue."""

from collections.abc import Iterable, Iterator

from etl.contract.cms import TABLES, versions_of
from etl.contract.tenant import FIELDS, KINDS, Kind
from etl.db.catalogue import Catalogue, columns_of
from etl.db.connection import Postgres
from etl.load.open_documents import OpenDocuments

_OF_VERSION_3 = frozenset({"payload_locked_documents", "payload_kv"})


def describe_site(db: Postgres, found: Catalogue, open_s: int) -> str:
    """Return what a CMS is and what of it matters to the job.

    Args:
        db: A connection to a database that meets the requirements.
        found: Its catalogue.
        open_s: Seconds in which a document counts as open.
    """
    columns = columns_of(found)
    published = [kind for kind in KINDS if "_status" in columns[kind]]
    versioned = [kind for kind in KINDS if versions_of(kind) in found and kind not in published]
    trashed = [kind for kind in KINDS if "deleted_at" in columns[kind]]
    parts = [
        _name(db.read("check/payload")["name"]),
        f"schema {db.session.cms_schema}",
        "integer ids",
        f"drafts {_on(published)}",
        *([f"versions {_on(versioned)}"] if versioned else []),
        f"trash {_on(trashed)}",
        _open(db, OpenDocuments(columns, open_s)),
    ]
    return ", ".join(parts)


def _name(tables: Iterable[str]) -> str:
    names = set(tables)
    return "Payload 3" if names & _OF_VERSION_3 else "Payload" if names else "tables like Payload's"


def _on(kinds: list[Kind]) -> str:
    return f"on for {' and '.join(kinds)}" if kinds else "off"


def _open(db: Postgres, documents: OpenDocuments) -> str:
    if not documents.may_find:
        return "open documents not looked for"
    number = sum(len(ids) for ids in documents.read(db).values())
    return f"{number} {'document' if number == 1 else 'documents'} open now"


def required_by_site(found: Catalogue) -> Iterator[str]:
    """Yield the columns that must not be null in this CMS, and for which a record may have nothing: `shops.floor_id`."""
    sent = {field.cms_column for field in FIELDS if field.column and field.part in {"record", "locale"}}
    for name in TABLES:
        if name in found and name.removesuffix("_locales") in KINDS:
            columns = found[name].columns.values()
            yield from (
                f"{name}.{column.name}" for column in columns if column.is_not_null and column.name in sent
            )
