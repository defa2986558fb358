"""`etl diff` against a database: what it shows is what a sync then does, and it leaves nothing behind."""

import re
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import pytest

from etl.compare.json import to_json
from etl.compare.model import Diff, FieldChange, RecordChange, Reference
from etl.compare.select import Selection, select
from etl.contract.hours import readable
from etl.db.connection import Postgres
from etl.demo.sample import sample_day, story
from etl.errors import ConfigError, IncompleteExtract
from etl.pipeline import SyncOptions
from etl.runtime.progress import LogProgress, Progress
from tests.faults.test_two_at_once import TAKE_LOCK
from tests.support.cms import legacy_row
from tests.support.records import record_of
from tests.support.sync import Mall, diff_source, record, settings_for


def look(
    mall: Mall,
    records: list[dict[str, Any]] | None = None,
    *,
    dsn: str = "",
    most_created: int = 0,
    watch: Progress | None = None,
    save_to: str | None = None,
    **options: Any,
) -> Diff:
    """Run `etl diff`, of these records where given."""
    if records is not None:
        mall.api.records = list(records)
    settings = settings_for(dsn or mall.database.dsn, mall.api.url, mall.folder, **mall.overrides)
    with ExitStack() as stack:
        db = stack.enter_context(Postgres(dsn or mall.database.dsn, "the CMS"))
        chosen = SyncOptions(**options)
        return diff_source(settings, db, chosen, watch=watch, most_created=most_created, save_to=save_to)


def plain(value: object) -> object:
    """Return a value as the audit keeps it: a floor or category is its id, as text."""
    return str(value.id) if isinstance(value, Reference) else value


def is_written(change: FieldChange) -> bool:
    """Tell by what the diff shows whether a sync would write the field."""
    return change.verdict in {"created", "inactivated", "source", "first_contact", "carried_over"} or (
        change.verdict == "conflict" and change.winner == "source"
    )


def as_audit(found: Diff) -> dict[tuple[str, str | None], tuple[dict[str, Any], dict[str, Any]]]:
    """Return before and after of each record that would be written, by action and unique_id, as the audit has them."""
    written: dict[tuple[str, str | None], tuple[dict[str, Any], dict[str, Any]]] = {}
    for item in found.records:
        fields = [change for change in item.fields if is_written(change)]
        if item.action in {"created", "updated", "inactivated"}:
            before = {} if item.action == "created" else {c.field: plain(c.before) for c in fields}
            written[item.action, item.unique_id] = (before, {c.field: plain(c.after) for c in fields})
    return written


def audit_of(mall: Mall, sync_id: str) -> dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]]:
    """Return the same from `etl.sync_changes`."""
    rows = mall.database.query("SELECT * FROM etl.sync_changes WHERE sync_id = %s", sync_id)
    return {
        (row["action"], row["unique_id"]): (as_people_read(row["before"]), as_people_read(row["after"]))
        for row in rows
    }


def as_people_read(values: dict[str, Any]) -> dict[str, Any]:
    """Return values of the audit with the hours as a diff shows them."""
    return {name: readable(value) if name == "hours" else value for name, value in values.items()}


def test_an_empty_database_shows_every_record_as_created(any_mall: Mall) -> None:
    """Before the first sync each record is created, with every field that it will get; nothing is written."""
    found = look(any_mall, [record("T1"), record("T2", categoryNameEn="Restaurant", floor="Fl. 3,4")])

    assert [(item.action, item.unique_id, item.table, item.title) for item in found.records] == [
        ("created", "T1", "shops", "Brand T1"),
        ("created", "T2-3F", "dinings", "Brand T2"),
        ("created", "T2-4F", "dinings", "Brand T2"),
    ]
    assert found.totals.records["created"] == {"shops": 1, "dinings": 2, "unknown": 0}
    assert found.has_changes
    after = {change.field: change.after for change in found.records[0].fields}
    assert (after["slug"], after["status"], after["title_zh"]) == ("brand-t1", "INACTIVE", "Brand T1")
    (floor,) = any_mall.database.query("SELECT id FROM floors WHERE name = '1F'")
    assert after["floor"] == Reference(floor["id"], "1F")
    assert after["category"] == Reference(any_mall.category_id("FASHION"), "FASHION")
    assert any_mall.database.query("SELECT 1 FROM shops UNION ALL SELECT 1 FROM etl.sync_logs") == []


def test_after_the_sync_there_is_nothing_to_show(any_mall: Mall) -> None:
    """What was synced is no longer a change: no record is listed, and all are counted as unchanged."""
    records = [record("T1"), record("T2", categoryNameEn="Restaurant")]
    any_mall.sync(records)

    found = look(any_mall, records)

    assert (found.records, found.issues, found.has_changes) == ((), (), False)
    assert found.totals.records["unchanged"] == {"shops": 1, "dinings": 1, "unknown": 0}


@pytest.mark.quick(cases=1)
@pytest.mark.parametrize("options", [{}, {"missing": "inactivate", "conflicts": "editor"}])
def test_what_diff_shows_is_what_sync_does(any_mall: Mall, options: dict[str, Any]) -> None:
    """Two days of the sample with editors at work in between: the diff is the audit and the tables, row by row."""
    day_1, day_2, plot = list(sample_day(1)), list(sample_day(2)), story()
    first = look(any_mall, day_1)
    assert as_audit(first) == audit_of(any_mall, any_mall.sync(day_1).sync_id)
    edit(any_mall)
    if options:  # no row is set INACTIVE while a record does not have the id that may be its row's
        day_2 = [sent for sent in day_2 if sent["uniqueId"]]

    found = look(any_mall, day_2, **options)
    result = any_mall.sync(day_2, **options)

    assert as_audit(found) == audit_of(any_mall, result.sync_id)
    assert {(i.unique_id, i.code, i.field, i.message, i.value) for i in found.issues} == {
        tuple(row.values())
        for row in any_mall.database.query(
            "SELECT unique_id, code, field, message, value FROM etl.sync_issues WHERE sync_id = %s",
            result.sync_id,
        )
    }
    counts = result.counts
    assert {name: found.totals.of(name) for name in found.totals.records if name in vars(counts)} == {
        "created": counts.created,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "skipped": counts.skipped,
        "inactivated": counts.inactivated,
        "missing": counts.missing - counts.inactivated,
        "rejected": counts.rejected,
        "kept": 2,
    }
    assert (found.totals.fields["kept"], found.totals.fields["conflict"]) == (counts.kept, counts.conflicts)
    assert_in_the_tables(any_mall, found)
    actions = {"created", "updated", "skipped", "inactivated" if options else "rejected"}
    assert actions <= {item.action for item in found.records}
    assert record_of(found, plot.gone[0]).action == ("inactivated" if options else "missing")
    assert look(any_mall, day_2, **options).has_changes is False


def edit(mall: Mall) -> None:
    """Do what editors do between the days: correct titles and a zone, publish, tick skip sync, delete a row."""
    plot = story()
    for corrected in (plot.kept, plot.conflict):
        mall.edit_texts(corrected.unique_id, "en", corrected.table, title=corrected.editor_value)
    mall.edit(plot.changed["hours"], skip_sync=True)
    mall.edit(plot.changed["phone"], location_zone="An editor's zone")
    mall.edit(plot.gone[0], status="ACTIVE")
    mall.database.execute("DELETE FROM shops WHERE unique_id = %s", plot.changed["title"])


def assert_in_the_tables(mall: Mall, found: Diff) -> None:
    """Hold the diff's `after` of each created and updated record against the CMS's own rows."""
    columns = {
        "slug": "slug",
        "floor": "floor_id::text",
        "zone": "location_zone",
        "phone": "contact_info_phone",
        "website": "contact_info_website",
        "status": "status::text",
    }
    checked = 0
    for item in found.records:
        if item.action not in {"created", "updated", "inactivated", "unchanged"}:
            continue
        row = mall.database.query(
            f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in columns.items())}, "
            "max(title) FILTER (WHERE _locale = 'en') AS title_en, "
            "max(description) FILTER (WHERE _locale = 'th') AS description_th, "
            "max(title) FILTER (WHERE _locale = 'zh') AS title_zh "
            f"FROM {item.table} t JOIN {item.table}_locales l ON l._parent_id = t.id "
            "WHERE unique_id = %s GROUP BY t.id",
            item.unique_id,
        )[0]
        for change in item.fields:
            if change.field in row:
                assert plain(change.after) == row[change.field], (item.unique_id, change)
                checked += 1
    assert checked > 20


def test_an_editors_fix_is_shown_as_kept(any_mall: Mall) -> None:
    """Only the editor changed the title: it stays, with what the last sync wrote beside it."""
    any_mall.sync([record("T1")])
    any_mall.edit_texts("T1", "en", title="Better")

    found = look(any_mall)

    assert record_of(found, "T1").action == "unchanged"
    assert record_of(found, "T1").tags == ("kept", "unchanged")
    assert record_of(found, "T1").fields == (
        FieldChange("title_en", "kept", "Better", "Better", "Brand T1", "Brand T1", "editor"),
    )
    assert (found.has_changes, found.totals.records["kept"]["shops"]) == (False, 1)


@pytest.mark.parametrize(
    ("winner", "after", "action"), [("source", "New", "updated"), ("editor", "Better", "unchanged")]
)
def test_a_conflict_is_shown_with_all_its_values(
    any_mall: Mall, winner: Literal["source", "editor"], after: str, action: str
) -> None:
    """Source and editor changed the same field: base, editor, source, and who wins."""
    any_mall.sync([record("T1", zone="East")])
    any_mall.edit("T1", location_zone="Better")

    found = look(any_mall, [record("T1", zone="New")], conflicts=winner)

    assert record_of(found, "T1").action == action
    assert record_of(found, "T1").fields == (
        FieldChange("zone", "conflict", "Better", after, "East", "New", winner),
    )
    assert "conflict" in record_of(found, "T1").tags
    assert found.options == {"missing": "keep", "conflicts": winner}


def test_why_a_record_is_skipped(any_mall: Mall) -> None:
    """Skip sync and a deleted row are two reasons."""
    any_mall.sync([record("T1"), record("T2")])
    any_mall.edit("T1", skip_sync=True)
    any_mall.database.execute("DELETE FROM shops WHERE unique_id = 'T2'")

    found = look(any_mall, [record("T1", zone="West"), record("T2", zone="West")])

    assert [(item.unique_id, item.action, item.reason, item.fields) for item in found.records] == [
        ("T1", "skipped", "skip_sync", ()),
        ("T2", "skipped", "deleted_in_cms", ()),
    ]
    assert record_of(found, "T1").message == "skip sync is ticked in the CMS"
    assert found.totals.records["skipped"]["shops"] == 2


def test_missing_records_and_what_becomes_of_them(any_mall: Mall) -> None:
    """A row whose record left is missing; --missing inactivate shows its status before and after."""
    any_mall.sync([record("T1"), record("T2")])
    any_mall.edit("T2", status="ACTIVE")
    legacy_row(any_mall.database, "L1", title="Left over")

    kept = look(any_mall, [record("T1")])
    inactivated = look(any_mall, [record("T1")], missing="inactivate")

    assert [(item.unique_id, item.action, item.reason, item.title) for item in kept.records] == [
        ("L1", "missing", "not_ours", "Left over"),
        ("T2", "missing", "left_source", "Brand T2"),
    ]
    assert record_of(inactivated, "T2").action == "inactivated"
    assert record_of(inactivated, "T2").fields == (
        FieldChange("status", "inactivated", "ACTIVE", "INACTIVE"),
    )
    assert (record_of(inactivated, "L1").action, inactivated.has_changes, kept.has_changes) == (
        "missing",
        True,
        False,
    )


def test_first_contact_shows_what_would_be_overwritten(any_mall: Mall) -> None:
    """A row that the earlier job made has no base: each of its fields shows before and after."""
    row_id = legacy_row(any_mall.database, "T1", title="Old &amp; raw")

    change = record_of(look(any_mall, [record("T1")]), "T1")

    assert (change.action, change.record_id) == ("updated", row_id)
    assert (
        FieldChange("title_en", "first_contact", "Old &amp; raw", "Brand T1", None, "Brand T1")
        in change.fields
    )


def test_a_changed_kind_and_a_row_that_is_carried_over(any_mall: Mall) -> None:
    """A shop that became a dining stays a shop and is marked; a row for one of two floors shows its new unique_id."""
    any_mall.sync([record("T1"), record("T2", floor="3F")])

    found = look(
        any_mall,
        [record("T1", categoryNameEn="Restaurant", categoryNameTh=None), record("T2", floor="3F,4F")],
    )

    assert (record_of(found, "T1").table, record_of(found, "T1").tags) == (
        "shops",
        ("kind_changed", "unchanged"),
    )
    assert found.totals.records["kind_changed"] == {"shops": 1, "dinings": 0, "unknown": 0}
    assert (
        FieldChange("unique_id", "carried_over", "T2", "T2-3F", "T2", "T2-3F")
        in record_of(found, "T2-3F").fields
    )
    assert record_of(found, "T2-4F").action == "created"


def test_rejected_and_unmapped(any_mall: Mall) -> None:
    """A record without an id and a copy with another record's id are rejected; a strange floor is a finding and a tag."""
    found = look(
        any_mall,
        [record(None), record("T1", floor="Fl. 3,4"), record("T1-3F"), record("T2", floor="Roof garden")],
    )

    assert [(item.unique_id, item.reason) for item in found.records if item.action == "rejected"] == [
        (None, "missing_unique_id"),
        ("T1-3F", "derived_id_taken"),
    ]
    assert record_of(found, "T2").tags == ("created", "unmapped")
    assert found.totals.issues == {"derived_id_taken": 1, "missing_unique_id": 1, "unmapped_floor": 1}
    assert found.totals.records["rejected"] == {"shops": 0, "dinings": 0, "unknown": 2}


def test_a_role_that_may_only_read(any_mall: Mall, tmp_path: Path) -> None:
    """SELECT and TEMPORARY are enough, also where transactions are read only; its saved plan holds for another role.

    The two roles live in different time zones: what the plan rests on is told in UTC.
    """
    any_mall.sync([record("T1")])
    role = f"reader_{uuid4().hex}"
    (name,) = any_mall.database.query("SELECT current_database() AS name")
    any_mall.database.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'reader'")
    try:
        any_mall.database.execute(f"ALTER ROLE {role} SET default_transaction_read_only = on")
        any_mall.database.execute(f"ALTER ROLE {role} SET TimeZone = 'Asia/Bangkok'")
        any_mall.database.execute(f"GRANT TEMPORARY ON DATABASE {name['name']} TO {role}")
        for schema in ("public", "etl"):
            any_mall.database.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
            any_mall.database.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}")

        records = [record("T1", zone="West"), record("T2")]
        dsn, plan = as_role(any_mall.database.dsn, role), str(tmp_path / "reader.plan")
        found = look(any_mall, records, dsn=dsn, save_to=plan)

        assert [(item.unique_id, item.action) for item in found.records] == [
            ("T2", "created"),
            ("T1", "updated"),
        ]
        counts = any_mall.sync(plan=plan).counts
        assert (counts.created, counts.updated) == (1, 1)
    finally:
        any_mall.database.execute(f"DROP OWNED BY {role}")
        any_mall.database.execute(f"DROP ROLE {role}")


def as_role(dsn: str, role: str) -> str:
    """Return the address with another user."""
    return re.sub(r"^(postgres(?:ql)?://)(?:[^@/?]*@)?", rf"\1{role}:reader@", dsn)


def test_it_waits_for_nobody_and_nobody_waits_for_it(any_mall: Mall) -> None:
    """A running sync, and an editor who holds every row, do not stop it; it holds no row while it looks."""
    any_mall.sync([record("T1")])
    any_mall.overrides["lock_timeout_s"] = 1

    with any_mall.database.connect() as other:
        other.execute(TAKE_LOCK)
        other.execute("SELECT * FROM shops FOR UPDATE")
        found = look(any_mall, [record("T1", zone="West")], watch=EditDuring(any_mall))

    assert record_of(found, "T1").fields == (FieldChange("zone", "source", "East", "West", "East", "West"),)


class EditDuring(LogProgress):
    """A watch that tries to edit an unheld text, and commits, when staging is done and the plan is not yet made."""

    def __init__(self, mall: Mall) -> None:
        super().__init__()
        self._mall = mall

    def done(self, stage: str, seconds: float, data: dict[str, object]) -> None:
        """Edit once, after staging."""
        if stage == "stage":
            self._mall.database.execute(
                "UPDATE shops_locales SET title = 'Edited meanwhile' WHERE _locale = 'en'"
            )
        super().done(stage, seconds, data)


def test_it_sees_one_state(any_mall: Mall) -> None:
    """An edit that is committed while it looks is not in what it shows; the next look has it."""
    any_mall.sync([record("T1")])
    changed = [record("T1", zone="West", brandNameEn="New")]

    found = look(any_mall, changed, watch=EditDuring(any_mall))

    assert {change.field: change.before for change in record_of(found, "T1").fields} == {
        "title_en": "Brand T1",
        "meta_title_en": "Brand T1",
        "zone": "East",
    }
    assert record_of(look(any_mall), "T1").fields[0].before == "Edited meanwhile"


def test_nothing_is_left_behind(any_mall: Mall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row, no log of runs, no snapshot, no temporary folder or table: only what was there before."""
    any_mall.sync([record("T1")])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    before = any_mall.fingerprint(), sorted((tmp_path / "snapshots").iterdir())
    runs = any_mall.database.query("SELECT * FROM etl.sync_logs")
    relations = any_mall.database.query("SELECT count(*) FROM pg_class")

    look(any_mall, [record("T1", zone="West"), record("T2")])

    assert (any_mall.fingerprint(), sorted((tmp_path / "snapshots").iterdir())) == before
    assert any_mall.database.query("SELECT * FROM etl.sync_logs") == runs
    assert any_mall.database.query("SELECT count(*) FROM pg_class") == relations
    assert list((tmp_path / "scratch").iterdir()) == []


def test_of_a_saved_snapshot(any_mall: Mall) -> None:
    """The snapshot that a sync kept is what a diff of it shows; no API is needed."""
    snapshot = any_mall.sync([record("T1")]).extracted.snapshot
    any_mall.edit_texts("T1", "en", title="Better")
    any_mall.api.records = []

    found = look(any_mall, snapshot=snapshot)

    assert (found.source.kind, found.source.name, found.source.records) == ("snapshot", snapshot, 1)
    assert (found.against.kind, found.against.name) == ("database", "the CMS")
    assert record_of(found, "T1").tags == ("kept", "unchanged")


def test_where_records_are(any_mall: Mall) -> None:
    """Each record says its floor and category after the sync, changed or not; of a deleted row there is none."""
    any_mall.sync([record(f"T{number}") for number in range(1, 6)])
    any_mall.edit("T3", skip_sync=True)
    any_mall.database.execute("DELETE FROM shops WHERE unique_id = 'T4'")
    add_link(any_mall, "T1", "GENERAL")

    found = look(
        any_mall,
        [
            record("T1", zone="West", floor="3"),
            record("T2", categoryNameEn="Beauty", categoryNameTh=None),
            record("T3", zone="West"),
            record("T4", zone="West"),
            record("T6", floor="4", categoryNameEn="Restaurant", categoryNameTh=None),
            record("T7", floor="Roof", categoryNameEn="Nonsense", categoryNameTh=None),
        ],
    )

    assert {item.unique_id: place(item) for item in found.records} == {
        "T1": ("updated", "3F", "FASHION"),
        "T2": ("updated", "1F", "BEAUTY"),
        "T3": ("skipped", "1F", "FASHION"),
        "T4": ("skipped", None, None),
        "T5": ("missing", "1F", "FASHION"),
        "T6": ("created", "4F", "RESTAURANT"),
        "T7": ("created", None, None),
    }


def add_link(mall: Mall, unique_id: str, category: str) -> None:
    """Link a shop with a further category before the job's own, as an editor may."""
    mall.database.execute(
        'INSERT INTO shops_rels ("order", parent_id, path, categories_id) '
        "SELECT 0, id, 'categories', %s FROM shops WHERE unique_id = %s",
        mall.category_id(category),
        unique_id,
    )


def place(item: RecordChange) -> tuple[str, Reference | str | None, Reference | str | None]:
    """Return what happens to a record, and the names of its floor and category."""
    return item.action, item.floor and item.floor.name, item.category and item.category.name


def test_a_refusal_of_sync_is_a_note(any_mall: Mall) -> None:
    """A feed that a guard would refuse can be looked at; a note says that sync would refuse it."""
    any_mall.sync([record(f"T{number}") for number in range(40)])

    found = look(any_mall, [record("T1")])

    assert found.totals.of("missing") == 39
    assert [note[:61] for note in found.notes] == [
        "A sync would refuse this. The source has 1 records, 39 (98%) "
    ]


@pytest.mark.long
def test_the_same_input_gives_the_same_bytes(any_mall: Mall) -> None:
    """Twice the same look, and in batches of another size: the same JSON."""
    any_mall.sync(list(sample_day(1, 120)))
    edit(any_mall)
    texts = []
    for size in (5000, 5000, 17):
        any_mall.overrides["sync_batch_size"] = size
        texts.append(to_json(select(look(any_mall, list(sample_day(2, 120))), Selection())))

    assert texts[0] == texts[1] == texts[2]


def test_new_records_beyond_the_limit_are_counted_and_not_read(any_mall: Mall) -> None:
    """Of 30 new records the fields of three are read, the first by id; the totals and what is left off tell the rest."""
    limited = Selection(limit=3)
    records = [record(f"T{number:02}") for number in range(30)]

    found = look(any_mall, records, most_created=limited.most_created)

    assert [item.unique_id for item in found.records] == ["T00", "T01", "T02"]
    assert found.totals.of("created") == 30
    assert select(found, limited).left_off == {"created": 27}


def test_an_api_that_gives_less_than_it_promised(any_mall: Mall) -> None:
    """What is not whole can't be judged: the same error as a sync's."""
    any_mall.api.records = [record("T1"), record("T2")]
    any_mall.api.envelope = {"totalRecord": 5}
    with pytest.raises(IncompleteExtract):
        look(any_mall)


def test_before_init(any_mall: Mall) -> None:
    """Without the job's tables the error says to run `etl init`."""
    any_mall.database.execute("DROP SCHEMA etl CASCADE")
    with pytest.raises(ConfigError, match="etl init"):
        look(any_mall, [record("T1")])


def test_hidden_links_beside_a_visible_one(any_mall: Mall) -> None:
    """First contact with a link of the earlier job beside an editor's to the same category: its removal is shown."""
    legacy_row(any_mall.database, "T1", links=("categories:fashion", "/:fashion"))
    found = record_of(look(any_mall, [record("T1")]), "T1")
    (hidden,) = [change for change in found.fields if change.field == "hidden_links"]
    assert (hidden.verdict, hidden.before, hidden.after) == (
        "first_contact",
        str(any_mall.category_id("FASHION")),
        "",
    )
    any_mall.sync()
    assert any_mall.links("T1") == [(1, "categories", "FASHION")]
