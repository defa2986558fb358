"""The plan of a move: which rows go, what each takes along and what it can't; read-only but for temporary tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from etl.compare.fields import PLAN_FIELDS, Names
from etl.compare.model import Finding
from etl.contract.findings import CODES
from etl.contract.issue import words
from etl.contract.tenant import OTHER_KIND, Kind
from etl.db.connection import Postgres
from etl.errors import ContractError, GuardError
from etl.load import columns
from etl.load.open_documents import OpenDocuments
from etl.load.schema import read_reference
from etl.load.versions import find_drafts, find_unpublished, keeps_versions
from etl.move.judge import State, find_rows, still_named
from etl.move.model import MovedField, MovedRow
from etl.move.parts import LINKS, Part, count_rows, find_keys, read_parts

_CODE = "not_moved"
_NOT_COPIED = {"of_kind": "links.of_kind", "no_column": "links.no_column"}
"""What becomes of a link that does not go along, by sql/move/find_links.sql, and the words for it."""

_EMPTY = frozenset({None, "", "false"})
_OWN_PARTS = frozenset({"", "_locales", "_opening_hours_per_day", LINKS})


@dataclass(frozen=True)
class MoveRequest:
    """What is to be moved.

    Attributes:
        unique_id: The record's uniqueId, or the unique_id of one of its rows.
        is_deleting: The old rows are deleted; else they are set INACTIVE.
        documents: Which rows are open in the CMS: these are not moved.
    """

    unique_id: str
    is_deleting: bool
    documents: OpenDocuments


@dataclass
class MovePlan:
    """The plan of a move, beside its temporary tables.

    Attributes:
        kind: The table that the rows leave.
        parts: The tables that hold them.
        states: The rows that move, as the CMS has them.
        findings: What does not go along, and what still names an old row.
    """

    kind: Kind
    parts: tuple[Part, ...]
    states: Sequence[State]
    findings: list[Finding] = field(default_factory=list)
    _more: dict[int, list[MovedField]] = field(default_factory=dict)

    def note(self, unique_id: str, case: str, value: str | None, **values: object) -> None:
        """Add a finding."""
        severity = CODES[_CODE].severity
        self.findings.append(Finding(unique_id, severity, _CODE, None, words(_CODE, case, **values), value))

    def add(self, seq: int, name: str, before: str, after: str | None) -> None:
        """Add a field that no column of the row has."""
        self._more.setdefault(seq, []).append(MovedField(name, before, after))

    def more(self, seq: int) -> Iterable[MovedField]:
        """Return the fields that no column of the row has."""
        return self._more.get(seq, ())


def make_plan(db: Postgres, request: MoveRequest, sync_id: str, *, lock_rows: bool) -> MovePlan:
    """Make the plan of moving a record, in the caller's transaction.

    Out: temporary tables mov_rows, mov_keys, mov_links, and mov_fields of the old rows.

    Raises:
        ConfigError, GuardError: as `find_rows`; or a table names a row that is to be deleted.
        ContractError: the role lacks a right.
    """
    is_deleting = request.is_deleting
    db.run_script("move/tables")
    states = find_rows(db, request.unique_id, request.documents, lock_rows=lock_rows)
    kind: Kind = states[0]["from_table"]
    plan = MovePlan(kind, read_parts(db, kind), states)
    db.run("move/fill_rows", table=kind, other=OTHER_KIND[kind])
    find_keys(db, sync_id, plan.parts)
    read_fields(db, kind, "from")
    for part in plan.parts:
        if part.part == LINKS:
            db.run("move/find_links", part.left_columns, table=kind)
    _note_category_and_slug(db, plan)
    _note_links(db, plan)
    _note_columns(db, plan)
    _note_parts(db, plan, is_deleting=is_deleting)
    _note_references(db, plan, is_deleting=is_deleting)
    _note_drafts(db, plan, request)
    return plan


def read_fields(db: Postgres, table: Kind, side: str) -> None:
    """Read what the rows of one side have, `from` or `to`, into mov_fields."""
    db.run(
        "move/read_fields",
        table=table,
        side="from" if side == "from" else "to",
        category="category_id" if side == "from" else "to_category_id",
        fields=columns.present_values(),
        record_columns=columns.cms_names(table),
        locale_columns=columns.cms_names(f"{table}_locales"),
    )


def read_rows(db: Postgres, plan: MovePlan) -> tuple[MovedRow, ...]:
    """Return the rows of the plan, with the fields that they take along."""
    names = Names(*read_reference(db))
    found = db.read("move/fields", "from").rows_by_key("seq", named=True)
    titles = {state["seq"]: state["title"] for state in plan.states}
    left = set(_columns_of(plan, "").splitlines())
    rows = []
    for row in db.read("move/rows").iter_rows(named=True):
        seq = row.pop("seq")
        new = {"slug": row.pop("to_slug"), "category": row.pop("to_category_id"), **dict.fromkeys(left)}
        had = {each["field"]: each["value"] for each in found[seq] if each["field"] != "links"}
        new["unique_id"] = row["unique_id"]
        had |= {"slug": row.pop("slug"), "category": had.get("category")}
        fields = [
            MovedField(name, names.value(name, old), names.value(name, new.get(name, old)))
            for name, old in had.items()
            if old is not None or new.get(name) is not None
        ]
        rows.append(MovedRow(**row, title=titles[seq], fields=_in_order([*fields, *plan.more(seq)])))
    return tuple(rows)


def _in_order(fields: Iterable[MovedField]) -> tuple[MovedField, ...]:
    order = {name: place for place, name in enumerate(PLAN_FIELDS)}
    return tuple(sorted(fields, key=lambda each: (order.get(each.field, len(order)), each.field)))


def _columns_of(plan: MovePlan, part: str) -> str:
    return next((each.left_columns for each in plan.parts if each.part == part), "")


def _note_category_and_slug(db: Postgres, plan: MovePlan) -> None:
    for row in db.read("move/rows").iter_rows(named=True):
        if row["to_category_id"] is None:
            plan.note(row["unique_id"], "category", None, kind=row["to_table"])
        if row["to_slug"] != row["slug"]:
            plan.note(
                row["unique_id"],
                "slug",
                row["slug"],
                table=row["to_table"],
                slug=row["slug"],
                new=row["to_slug"],
            )


def _note_links(db: Postgres, plan: MovePlan) -> None:
    found = db.read("move/links").rows_by_key("seq", named=True)
    for state in plan.states:
        fates = {
            fate: ", ".join(each["name"] for each in found[state["seq"]] if each["fate"] == fate)
            for fate in ("copied", *_NOT_COPIED)
        }
        if fates["copied"]:
            plan.add(state["seq"], "links", fates["copied"], fates["copied"])
        for fate, case in _NOT_COPIED.items():
            if fates[fate]:
                links = words(_CODE, case, kind=plan.kind)
                plan.note(
                    state["unique_id"],
                    "links",
                    fates[fate],
                    links=links,
                    row=_place(state),
                    names=fates[fate],
                )


def _note_columns(db: Postgres, plan: MovePlan) -> None:
    found = db.read("move/fields", "from").rows_by_key("seq", named=True)
    left = set(_columns_of(plan, "").splitlines())
    for state in plan.states:
        for each in found[state["seq"]]:
            if each["field"] in left and each["value"] not in _EMPTY:
                _note_left(plan, state, f"{plan.kind}.{each['field']}", each["value"])


def _note_parts(db: Postgres, plan: MovePlan, *, is_deleting: bool) -> None:
    for part in plan.parts:
        if part.parent_part is None or part.part == LINKS:
            continue
        counts = count_rows(db, part)
        for state in plan.states:
            rows, left = counts.get(state["seq"], (0, 0))
            if rows and part.part not in _OWN_PARTS:
                _require_copyable(db, part, is_deleting=is_deleting)
                told = f"{rows:,} rows"
                plan.add(state["seq"], part.from_name, told, told if part.to_name else None)
            if rows and not part.to_name:
                _note_left(plan, state, part.from_name, f"{rows:,} rows")
            elif left:
                names = ", ".join(f"{part.from_name}.{name}" for name in part.left_columns.splitlines())
                _note_left(plan, state, names, f"{left:,} rows")


def _note_left(plan: MovePlan, state: State, what: str, value: str) -> None:
    plan.note(
        state["unique_id"],
        "columns",
        f"{what}: {value}",
        what=what,
        other=OTHER_KIND[plan.kind],
        row=_place(state),
    )


def _require_copyable(db: Postgres, part: Part, *, is_deleting: bool) -> None:
    if is_deleting:
        raise GuardError(
            f"{part.from_name} has rows of the record, which a rollback could not bring back once they are deleted. "
            "Move it without --delete: the old row is then set INACTIVE. Nothing was written."
        )
    if part.to_name and not part.may_write:
        raise ContractError(
            f"{part.from_name} has rows of the record, and the role may not add them to {part.to_name}. Let the owner "
            f"GRANT INSERT ON {part.to_name} TO {db.session.username} (and USAGE on its sequence), then move it."
        )


def _note_references(db: Postgres, plan: MovePlan, *, is_deleting: bool) -> None:
    parts = {part.from_name for part in plan.parts}
    for table, column, is_readable in db.read("rollback/references", table=plan.kind).iter_rows():
        if table in parts and column in {"_parent_id", "parent_id"}:
            continue
        name = f"{table}.{column}"
        if is_readable:
            counts = dict(
                db.read("move/count_references", table=plan.kind, referrer=table, key=column).iter_rows()
            )
            named = [(state, counts[state["seq"]]) for state in plan.states if state["seq"] in counts]
        else:
            named = [(state, None) for state in plan.states]
        for state, rows in named:
            if is_deleting:
                raise GuardError(still_named(name, _place(state), rows))
            if rows is None:
                plan.note(state["unique_id"], "unreadable", name, column=name, row=_place(state))
            else:
                plan.note(state["unique_id"], "references", name, column=name, row=_place(state), count=rows)


def _note_drafts(db: Postgres, plan: MovePlan, request: MoveRequest) -> None:
    cms_columns = request.documents.cms_columns
    if not keeps_versions(cms_columns):
        return
    db.run_script("versions/tables")
    find_drafts(db, cms_columns, {plan.kind}, "move")
    unpublished = find_unpublished(db, cms_columns, plan.kind)
    for state in plan.states:
        if state["seq"] in unpublished and request.is_deleting:
            raise GuardError(
                f"An editor has a draft of {_place(state)} that is not published, and it would be deleted with the row. "
                "Publish or revert it in the CMS, or move the record without --delete. Nothing was written."
            )
        if state["seq"] in unpublished:
            plan.note(state["unique_id"], "draft", None, row=_place(state))


def _place(state: State) -> str:
    return f"{state['from_table']} {state['from_id']}"
