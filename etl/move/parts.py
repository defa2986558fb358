"""The tables that hold a shop or a dining, by the catalogue: what of each the other kind's tables can take."""

from collections.abc import Mapping
from dataclasses import dataclass

from etl.contract.cms import WRITTEN
from etl.contract.tenant import OTHER_KIND, Kind
from etl.db.connection import Postgres
from etl.errors import ContractError
from etl.load.bisect import require_all

LINKS = "_rels"


@dataclass(frozen=True)
class Part:
    """A table that holds a part of the records of a kind, as sql/move/parts.sql finds it.

    Attributes:
        part: What its name has behind that of the records' table; '' for that itself.
        parent_part: The part that its key names; null for the records' table.
        key: The column that does so, quoted.
        from_name: Its name, quoted.
        to_name: That of its counterpart; null where the other kind has none.
        columns: What both have, as SQL.
        expressions: The same of `part`, as the counterpart takes it.
        left_columns: What the counterpart does not have, joined by line ends.
        key_type: Type of the counterpart's key.
        has_text_id: Its rows have ids of the CMS's own making.
        may_read: The role may read it.
        may_write: The role may write its counterpart.
    """

    part: str
    parent_part: str | None
    key: str | None
    from_name: str
    to_name: str | None
    columns: str | None
    expressions: str | None
    left_columns: str
    key_type: str | None
    has_text_id: bool
    may_read: bool
    may_write: bool

    @property
    def is_known(self) -> bool:
        """Whether each CMS has it; a CMS's own release or configuration may add others."""
        return f"shops{self.part}" in WRITTEN


def read_parts(db: Postgres, kind: Kind) -> tuple[Part, ...]:
    """Return the tables of a kind, a parent before its parts."""
    found = db.read("move/parts", table=kind, other=OTHER_KIND[kind])
    return tuple(Part(**row) for row in found.iter_rows(named=True))


def find_keys(db: Postgres, sync_id: str, parts: tuple[Part, ...]) -> None:
    """List the keys of the rows that are copied, parents first, each with its new one.

    Raises:
        ContractError: the role may not read one of the tables, so that nobody knows what of the record is in it.
    """
    db.run("move/start_keys")
    unreadable = [part.from_name for part in parts if not part.may_read]
    if unreadable:
        raise ContractError(
            f"The role may not read {', '.join(unreadable)}, which may hold parts of the record. Let the owner "
            f"GRANT SELECT ON {', '.join(unreadable)} TO {db.session.username}, then move it."
        )
    for part in parts:
        if part.parent_part is not None and part.has_text_id:
            db.run(
                "move/find_keys",
                sync_id,
                part.part,
                part.parent_part,
                from_name=part.from_name,
                key=part.key or "",
            )


def count_rows(db: Postgres, part: Part) -> Mapping[int, tuple[int, int]]:
    """Return how many rows each moved row has in a part, and how many of them have what its counterpart can't take."""
    found = db.read(
        "move/count_part", part.parent_part, part.left_columns, from_name=part.from_name, key=part.key or ""
    )
    return {seq: (rows, left) for seq, rows, left in found.iter_rows()}


def copy_rows(db: Postgres, kind: Kind, parts: tuple[Part, ...], applied_at: str, planned: int) -> None:
    """Make the new rows with all their parts and links, but that to their category.

    Raises:
        PostgresError: the database refuses a row, or a trigger leaves one out.
    """
    for part in parts:
        both = {"from_name": part.from_name, "to_name": part.to_name or ""}
        lists = {"columns": part.columns or "", "expressions": part.expressions or ""}
        if part.parent_part is None:
            made = db.value("move/insert_records", applied_at, table=kind, **both, **lists)
            require_all(OTHER_KIND[kind], planned, made)
        elif part.part == LINKS:
            db.run("move/copy_links", table=kind, **both, **lists)
        elif part.to_name:
            keys = {"key": part.key or "", "key_type": part.key_type or ""}
            if part.has_text_id:
                db.run("move/copy_named_part", part.parent_part, part.part, **both, **lists, **keys)
            else:
                db.run("move/copy_part", part.parent_part, **both, **lists, **keys)
