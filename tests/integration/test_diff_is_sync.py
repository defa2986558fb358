"""What `etl diff` shows is what `etl sync` then does, whatever the feed, and whatever editors did meanwhile.

Hypothesis makes rows of the earlier job, feeds, editors' work and options. Before each sync the diff is made; after
it the audit and the CMS's tables, read by psycopg, are held against it: exactly the fields that it listed have changed,
to the values that it showed, and nothing else. ETL_TEST_EXAMPLES sets how many stories are told,
ETL_TEST_SEED gives others.
"""

import os
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from etl.compare.json import to_json
from etl.compare.model import Diff, RecordChange
from etl.compare.select import Selection, select
from etl.contract import hours
from etl.contract.tenant import FIELDS, Field
from etl.model.results import SyncResult
from tests.integration.test_diff_database import as_people_read, is_written, look, plain
from tests.support.cms import legacy_row
from tests.support.merge_model import NO_HOURS
from tests.support.rollback import read_rows
from tests.support.stories import EDITS, RECORDS, do_edits, of_chance
from tests.support.sync import Mall

EXAMPLES = max(2, int(os.environ.get("ETL_TEST_EXAMPLES", "3")) // 2)  # each is several dry runs and syncs
LINKS = {"category", "hidden_links"}
"""Fields that are told by the links of a row, which are compared by themselves."""

Values = dict[str, str | None]
Place = tuple[str, int]


@dataclass
class Row:
    """A row that an editor may work on, as the editors of tests/support/stories.py want it."""

    table: str
    unique_id: str
    number: int
    fields: dict[str, Any] = field(default_factory=lambda: {"category": None, "hours": NO_HOURS})
    zh: dict[str, Any] = field(default_factory=dict)
    editors_links: set[str] = field(default_factory=set)
    job_category: str | None = None
    slug: str = ""
    status: str = ""
    skip_sync: bool = False


@dataclass
class Cms:
    """The rows of the CMS in the order of their ids."""

    rows: list[Row]


def rows_of(mall: Mall) -> Cms:
    """Return the rows that editors find."""
    found = [(key, row["record"]["unique_id"]) for key, row in sorted(read_rows(mall).items())]
    return Cms([Row(table, unique_id, number) for (table, number), unique_id in found if unique_id])


def read_values(mall: Mall) -> dict[Place, Values]:
    """Return each row's fields as text, by the names that a diff has for them; '' is not a value."""
    return {key: _values(row) for key, row in read_rows(mall).items()}


def _values(row: dict[str, Any]) -> Values:
    same, opens, closes = (row["record"][name] for name in hours.COLUMNS)
    days = (hours.Day(day["day"], day["open"], day["close"]) for day in row["hours"])
    values: Values = {"unique_id": row["record"]["unique_id"], "slug": row["record"]["slug"]}
    values |= {each.name: _value(row, each) for each in FIELDS if each.part in {"record", "locale"}}
    return values | {"hours": hours.readable(hours.to_text(hours.Hours(same, opens, closes, tuple(days))))}


def _value(row: dict[str, Any], each: Field) -> str | None:
    source = row["record"] if each.part == "record" else row["locales"].get(each.locale, {})
    value = source.get(each.cms_column)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value in {None, ""} else _moment(str(value))


def _moment(text: str) -> str:
    """Return a time as the diff has it; other texts as they are."""
    return f"{text[:19]}.000Z" if text.endswith("+00:00") and text[10] == "T" else text


def links_of(mall: Mall) -> dict[Place, Any]:
    """Return the links of each row."""
    return {key: row["rels"] for key, row in read_rows(mall).items()}


def jobs_of(mall: Mall) -> dict[str, int]:
    """Return the category of the job's own link, where there is one, by the unique_id that its row has."""
    found = mall.database.query("SELECT unique_id, job_category_id AS id FROM etl.tenants_base")
    return {row["unique_id"]: row["id"] for row in found if row["id"] is not None}


def saved_at(mall: Mall) -> dict[Place, Any]:
    """Return when each row was saved."""
    found = mall.database.query(
        "SELECT 'shops' AS t, id, updated_at FROM shops UNION ALL SELECT 'dinings', id, updated_at FROM dinings"
    )
    return {(row["t"], row["id"]): row["updated_at"] for row in found}


def written(change: RecordChange) -> dict[str, str | None]:
    """Return the fields that a diff says will be written, with the values that they will have."""
    return {
        each.field: (str(plain(each.after)) or None) if each.after is not None else None
        for each in change.fields
        if is_written(each)
    }


def hold_audit(mall: Mall, found: Diff, result: SyncResult) -> None:
    """Hold the audit of a run against the diff that was made before it."""
    kept = mall.database.query(
        "SELECT unique_id, action, before, after FROM etl.sync_changes WHERE sync_id = %s", result.sync_id
    )
    expected = [change for change in found.records if change.action in {"created", "updated", "inactivated"}]
    assert sorted((row["action"], row["unique_id"]) for row in kept) == sorted(
        (change.action, change.unique_id) for change in expected
    )
    rows = {row["unique_id"]: row for row in kept}
    for change in expected:
        row = rows[change.unique_id]
        fields = [each for each in change.fields if is_written(each)]
        assert as_people_read(row["after"]) == {each.field: plain(each.after) for each in fields}
        if change.action != "created":
            assert as_people_read(row["before"]) == {each.field: plain(each.before) for each in fields}


def hold_tables(found: Diff, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Hold the tables after a sync against those before it and the diff: what was listed changed, nothing else."""
    changed = {
        (change.table, change.record_id): change for change in found.records if change.action == "updated"
    }
    inactivated = {
        (change.table, change.record_id) for change in found.records if change.action == "inactivated"
    }
    created = {change.unique_id: change for change in found.records if change.action == "created"}
    assert set(before["values"]) <= set(after["values"])
    for place, values in after["values"].items():
        if place not in before["values"]:
            change = created.pop(values["unique_id"])
            assert place[0] == change.table
            expected = {name: value for name, value in written(change).items() if name not in LINKS and value}
            assert {name: value for name, value in values.items() if value} == expected
            category = written(change).get("category")
            links = [(link["order"], link["path"], link["categories_id"]) for link in after["links"][place]]
            assert links == ([(1, "categories", int(category))] if category else [])
            continue
        earlier = before["values"][place]
        differs = {name: values[name] for name in values if values[name] != earlier[name]}
        planned = written(changed[place]) if place in changed else {}
        planned |= {"status": "INACTIVE"} if place in inactivated else {}
        told = {
            name: value for name, value in planned.items() if name not in LINKS and value != earlier[name]
        }
        assert differs == told
        assert (after["saved"][place] != before["saved"][place]) == (place in changed or place in inactivated)
        job = before["jobs"].get(earlier["unique_id"])
        hold_links(planned, job, before["links"][place], after["links"][place])
    assert created == {}


def hold_links(planned: Values, job: int | None, before: list[Any], after: list[Any]) -> None:
    """Hold a row's links after a sync: the hidden ones and the job's own give way to the new one, nothing else moves."""
    if not LINKS & planned.keys():
        assert after == before
        return
    stay = [link for link in before if link["path"] != "/" and link["categories_id"] != job]
    wanted = int(planned["category"] or 0) if "category" in planned else None
    is_there = wanted in [link["categories_id"] for link in stay]
    assert [link for link in after if link in stay] == stay
    added = [(link["path"], link["categories_id"]) for link in after if link not in stay]
    assert added == ([] if is_there or wanted is None else [("categories", wanted)])


def hold_totals(found: Diff, result: SyncResult) -> None:
    """Hold the counts of a run against the totals of the diff."""
    counts = result.counts
    names = ("created", "updated", "unchanged", "skipped", "inactivated", "rejected")
    assert {name: found.totals.of(name) for name in names} == {name: getattr(counts, name) for name in names}
    assert found.totals.of("missing") + counts.inactivated == counts.missing
    assert (found.totals.fields["kept"], found.totals.fields["conflict"]) == (counts.kept, counts.conflicts)
    assert found.totals.issues == result.issues


def read_all(mall: Mall) -> dict[str, Any]:
    """Return all that a sync may change."""
    return {
        "values": read_values(mall),
        "links": links_of(mall),
        "jobs": jobs_of(mall),
        "saved": saved_at(mall),
    }


def rename(mall: Mall, row: Any, unique_id: str) -> None:
    """Give a row another unique_id, also one that another row has."""
    mall.database.execute(
        f"UPDATE {row.table} SET unique_id = %s, updated_at = clock_timestamp() + interval '1 ms' WHERE id = %s",
        unique_id,
        row.number,
    )


def restore(mall: Mall, row: Any, unique_id: str, table: str, link: str) -> None:
    """Make a row as the earlier job left it, also one whose unique_id another row has."""
    leave(mall, unique_id, table, link)


def leave(mall: Mall, unique_id: str, table: str, link: str) -> None:
    """Make a row as the earlier job left it, with texts, hours and a link."""
    legacy_row(
        mall.database, unique_id, table=table, links=(link,), slug=f"old-{unique_id}-{link}", location_zone="Old",
        contact_info_phone="West", opening_hours_same_hours_every_day=True, opening_hours_open="10:00",
    )  # fmt: skip


IDS = st.sampled_from(["T1", "T2", "T1-3F", "T1-4F", "L9"])
OLD = st.tuples(
    IDS,
    st.sampled_from(["shops", "shops", "dinings"]),
    st.sampled_from(["/:fashion", "categories:fashion", "/:luxury"]),
)
WHICH = st.integers(0, 5)
MORE_EDITS = st.one_of(
    EDITS,
    EDITS,
    EDITS,
    st.tuples(st.just(rename), WHICH, IDS),
    OLD.flatmap(lambda old: st.tuples(st.just(restore), WHICH, *map(st.just, old))),
)
MESS = st.fixed_dictionaries(
    {},
    optional={
        "brandNameEn": st.sampled_from(["O&#039;right", "H&amp;amp;M &trade;", "Caf\\u00e9\r\n", "\x01"]),
        "shopNameThai": st.sampled_from(["ร้าน &lt;script&gt;", "\\ud83d\\ude00"]),
        "descriptionTh": st.sampled_from(["ก&nbsp;ข", "\u00a0", "a\x00b"]),
        "website": st.sampled_from([" https://a.example/?a=1&amp;b=2 ", "-"]),
        "startDate": st.sampled_from(["2025-01-02", "2025-01-03T04:05:06Z", "soon", " "]),
        "floorRevised": st.sampled_from(["Fl. 3,4", "7", "?"]),
        "openingHours": st.sampled_from(["25:99", "Daily 10.00 - 22.00 น.", "24 hours"]),
    },
)
FEEDS = st.lists(st.tuples(RECORDS, MESS).map(lambda parts: {**parts[0], **parts[1]}), min_size=1, max_size=4)
STEPS = st.tuples(
    st.lists(MORE_EDITS, max_size=4),
    FEEDS,
    st.sampled_from(["source", "editor"]),
    st.sampled_from(["keep", "inactivate"]),
)


@of_chance(EXAMPLES)
@given(old=st.lists(OLD, max_size=2), steps=st.lists(STEPS, min_size=2, max_size=3))
def test_what_diff_shows_is_what_sync_does(mall: Mall, old: list[Any], steps: list[Any]) -> None:
    """Audit, tables and counts are what the diff said; diff twice is the same bytes; after the sync it is empty."""
    mall.empty()
    for row in old:
        leave(mall, *row)
    for edits, feed, winner, missing in steps:
        do_edits(mall, rows_of(mall), edits)  # type: ignore[arg-type]  # all that its editors use is there
        options = {"conflicts": winner, "missing": missing}
        before = read_all(mall)
        fingerprint = mall.fingerprint()
        found = look(mall, feed, **options)
        assert to_json(select(look(mall, feed, **options), Selection())) == to_json(
            select(found, Selection())
        )
        assert mall.fingerprint() == fingerprint

        result = mall.sync(feed, **options)

        hold_audit(mall, found, result)
        hold_tables(found, before, read_all(mall))
        hold_totals(found, result)
        assert not look(mall, feed, **options).has_changes
