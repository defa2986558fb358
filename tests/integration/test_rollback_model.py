"""Rollback over generated histories: the tables are as they were, but for what editors did since, which is listed.

Feeds, editors' work and options are those of tests/support/stories.py. ETL_TEST_EXAMPLES sets how many stories are told,
ETL_TEST_SEED gives others.
"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from etl.rollback.model import Rollback
from tests.support import stories
from tests.support.merge_model import Model, plain_hours
from tests.support.rollback import Rows, as_people_see, read_rows, roll_back
from tests.support.sync import Mall

STORY = stories.of_chance(max(1, stories.EXAMPLES // 2))  # each is several syncs and rollbacks
HISTORY = st.lists(stories.STEPS, min_size=1, max_size=3)

COLUMN_OF = {
    "floor": "floor_id", "zone": "location_zone", "phone": "contact_info_phone", "website": "contact_info_website",
    "status": "status", "unique_id": "unique_id",
}  # fmt: skip
COLUMNS_OF_HOURS = ("opening_hours_same_hours_every_day", "opening_hours_open", "opening_hours_close")
TEXT_OF = {
    "title": "title", "subtitle": "subtitle", "description": "description", "meta_title": "meta_title",
    "meta_description": "meta_description", "shop_number": "location_shop_number",
}  # fmt: skip


def start(mall: Mall) -> Model:
    """Empty the mall, and give a model of it."""
    mall.empty()
    return Model()


def play(mall: Mall, model: Model, step: Any) -> tuple[str, dict[str, Any]]:
    """Sync a step's feed, and return the run and the options of a sync of the same."""
    _, feed, winner, missing = step
    model.start()
    model.sync(feed, winner, missing)
    result = mall.sync(feed, conflicts=winner, missing=missing)
    return result.sync_id, {"snapshot": result.extracted.snapshot, "conflicts": winner, "missing": missing}


def tell(mall: Mall, steps: list[Any]) -> tuple[Model, Rows, str, dict[str, Any]]:
    """Play a history; return the model, the rows before the last run, that run and its options."""
    model = start(mall)
    for step in steps[:-1]:
        stories.do_edits(mall, model, step[0])
        play(mall, model, step)
    stories.do_edits(mall, model, steps[-1][0])
    before = read_rows(mall)
    return (model, before, *play(mall, model, steps[-1]))


def fields_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that a run may write, as people see them, links apart."""
    found = {name: row["record"][column] for name, column in COLUMN_OF.items()}
    for locale in ("en", "th"):
        texts = row["locales"].get(locale, {})
        found |= {f"{name}_{locale}": texts.get(column) for name, column in TEXT_OF.items()}
    hours = (*(row["record"][name] for name in COLUMNS_OF_HOURS), tuple(row["hours"]))
    return {**found, "hours": plain_hours(hours)}


def nothing_is_written_by(mall: Mall, options: dict[str, Any]) -> None:
    """Sync once more, and see that no row of the CMS was touched."""
    fingerprint = mall.fingerprint()
    again = mall.sync(**options)
    assert not again.counts.has_changes
    assert mall.fingerprint() == fingerprint


@STORY
@given(steps=HISTORY)
def test_the_tables_are_as_they_were(mall: Mall, steps: list[Any]) -> None:
    """Nobody edited since: rolled back all is as before; rolled back again all is as after; syncs write nothing."""
    _, before, sync_id, options = tell(mall, steps)
    after = read_rows(mall)

    result = roll_back(mall, sync_id)

    assert as_people_see(read_rows(mall)) == as_people_see(before)
    skipping = {record.reason for record in result.records} - {None}
    assert (result.totals.status, skipping) == ("COMPLETED", set())
    nothing_is_written_by(mall, options)
    if result.sync_id is None:
        return

    again = roll_back(mall, result.sync_id)

    assert read_rows(mall) == after
    assert again.totals.status == "COMPLETED"
    nothing_is_written_by(mall, options)


@STORY
@given(steps=HISTORY, edits=st.lists(stories.EDITS, min_size=1, max_size=5))
def test_edits_stay_and_are_listed(mall: Mall, steps: list[Any], edits: list[Any]) -> None:
    """Editors worked since: what they did stays and is listed, the rest is as before; and back again."""
    model, before, sync_id, options = tell(mall, steps)
    run = read_rows(mall)
    stories.do_edits(mall, model, edits)
    edited = read_rows(mall)

    result = roll_back(mall, sync_id)

    now = read_rows(mall)
    compare(as_people_see(before), as_people_see(run), as_people_see(edited), as_people_see(now), result)
    # the next sync catches up with a row that lost its tick, and sets a missing one INACTIVE that was published
    is_quiet = all(act not in (stories.tick, stories.publish) for act, *_ in edits)
    if is_quiet:
        nothing_is_written_by(mall, options)
    if result.sync_id is not None:
        roll_back(mall, result.sync_id)
        assert read_rows(mall) == edited
        if is_quiet:
            nothing_is_written_by(mall, options)


def compare(before: Rows, run: Rows, edited: Rows, now: Rows, result: Rollback) -> None:
    """See that every row is as it has to be after the rollback."""
    listed = {(record.table, record.record_id): record for record in result.records}
    for key in before.keys() | edited.keys():
        record = listed.get(key)
        if key not in edited:
            assert key not in now, "an editor deleted it"
        elif key not in before:
            is_touched = edited[key] != run[key]
            assert (key not in now) == (record is not None and record.outcome == "deleted")
            if is_touched:
                assert now[key]["record"]["status"] == "INACTIVE" or edited[key]["record"]["skip_sync"]
        elif edited[key] == run[key]:
            assert now[key] == before[key]
        elif edited[key]["record"]["skip_sync"]:
            assert now[key] == edited[key]
            assert run[key] == before[key] or (record is not None and record.reason == "skip_sync")
        else:
            fields = {field.field: field for field in record.fields} if record else {}
            was, ran, left, found = (fields_of(rows[key]) for rows in (before, run, edited, now))
            compare_fields(was, ran, left, found, fields)


def compare_fields(
    before: dict[str, Any],
    run: dict[str, Any],
    edited: dict[str, Any],
    now: dict[str, Any],
    listed: dict[str, Any],
) -> None:
    """See it field by field: an editor's value stays, and is listed where the run had written the field."""
    for name, value in now.items():
        if edited[name] == run[name]:
            assert value == before[name], name
            continue
        assert value == edited[name], name
        if run[name] != before[name] and edited[name] != before[name]:
            assert listed[name].verdict == "stays", name
            assert listed[name].message == "an editor changed it since", name
