"""Finds the record that a person means by a title, a slug, or a table and a number, where it is no id."""

import re
import shlex
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from etl.contract.tenant import KINDS, Kind
from etl.db.connection import Postgres
from etl.errors import ConfigError
from etl.explain.search import named_tenants
from etl.snapshot import Snapshot

_PLACE = re.compile(rf"({'|'.join(KINDS)})[ /]+([0-9]{{1,9}})", re.IGNORECASE)
_LISTED = 10
_ACCENTS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True)
class Named:
    """A row of the CMS, or a record of a snapshot, with what people call it.

    Attributes:
        record: Id of the record of the source: of several rows the same.
        titles: In each language that has one, the first for people.
        place: Table and number in the CMS; '' for a record of a snapshot.
    """

    unique_id: str
    record: str
    titles: tuple[str, ...]
    slug: str
    place: str = ""

    def __str__(self) -> str:
        """Return it for a list."""
        return ", ".join(filter(None, (*self.titles[:1], self.place)))


def find_named(
    db: Postgres | None, snapshots: Iterable[Snapshot], asked: str, batch_size: int
) -> Named | None:
    """Return the one record that has a title, a slug, or a place such as `shops 25`; null where none has it.

    Case, accents and white space do not count. A title or slug that is just that comes before those that hold it.

    Raises:
        ConfigError: several records fit; they are listed with the commands that explain them. Or the row has no unique_id.
    """
    if db is not None and (place := _PLACE.fullmatch(asked.strip())):
        rows = [row for kind in KINDS if kind == place[1].lower() for row in _rows(db, kind, int(place[2]))]
        if rows:
            return _with_id(rows[0])
    wanted = folded(asked)
    known = [each for each in _known(db, snapshots, batch_size) if each.unique_id] if wanted else []
    whole = [each for each in known if wanted in {folded(each.slug), *map(folded, each.titles)}]
    found = whole or [each for each in known if any(wanted in folded(title) for title in each.titles)]
    return _only(asked, found) if found else None


def folded(text: str) -> str:
    """Return a name as names are compared: without case, accents, marks that nobody sees, and runs of white space."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    seen = (letter for letter in bare if unicodedata.category(letter) != "Cf")
    return " ".join("".join(seen).casefold().split())


def _known(db: Postgres | None, snapshots: Iterable[Snapshot], size: int) -> Iterator[Named]:
    if db is not None:
        for kind in KINDS:
            yield from _rows(db, kind, None)
    for snapshot in snapshots:
        for unique_id, title_en, title_th, stem in named_tenants(snapshot, size):
            yield Named(unique_id, unique_id, tuple(filter(None, (title_en, title_th))), stem)


def _rows(db: Postgres, table: Kind, number: int | None) -> Iterator[Named]:
    for row in db.read("explain/names", number, table=table).iter_rows(named=True):
        titles = tuple(filter(None, (row["title_en"], row["title_th"], row["title_zh"])))
        unique_id = row["unique_id"] or ""
        yield Named(
            unique_id, row["source_unique_id"] or unique_id, titles, row["slug"] or "", f"{table} {row['id']}"
        )


def _with_id(row: Named) -> Named:
    if not row.unique_id:
        raise ConfigError(
            f"{row.place} has no unique_id: it is no record of the source, and no sync touches it. "
            "If it is one, enter its uniqueId in the CMS."
        )
    return row


def _only(asked: str, found: list[Named]) -> Named:
    """Return the record that all are of; of one row by its own id."""
    by_id = {each.unique_id: each for each in reversed(found)}
    records = {each.record for each in found}
    if len(by_id) == 1:
        return next(iter(by_id.values()))
    if len(records) == 1:
        return Named(records.pop(), found[0].record, found[0].titles, found[0].slug, found[0].place)
    rows = sorted(by_id.values(), key=lambda each: (str(each), each.unique_id))
    lines = [f"  etl explain {shlex.quote(each.unique_id)}    {each}" for each in rows[:_LISTED]]
    more = len(rows) - _LISTED
    lines += [f"  and {more:,} more: give more of the title"] if more > 0 else []
    raise ConfigError("\n".join([f"{len(rows)} records fit {asked!r}. Which one is it?", *lines]))
