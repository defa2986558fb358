"""Which part of a diff is shown, and which names the options know."""

import pytest

from etl.compare.model import Action, Diff, FieldChange, Finding, RecordChange, Totals, empty_counts
from etl.compare.select import Selection, read_selection, select
from etl.errors import ConfigError
from etl.model.results import Side


def change(action: Action, unique_id: str, *fields: str, tags: tuple[str, ...] = ()) -> RecordChange:
    """Return a record with these fields."""
    found = tuple(FieldChange(name, "source", "old", "new") for name in fields)
    return RecordChange(action, unique_id, unique_id, "shops", 1, "Title", (action, *tags), fields=found)


def finding(unique_id: str | None, code: str, field: str | None = None, severity: str = "warning") -> Finding:
    """Return a finding."""
    return Finding(unique_id, severity, code, field, "words", None)


def diff_of(records: list[RecordChange], issues: list[Finding], created: int = 0) -> Diff:
    """Return a plan with these records and findings."""
    counts = empty_counts(("created", "updated", "inactivated"))
    counts["created"]["shops"] = created
    return Diff(
        Side("snapshot", "s", 1),
        Side("database", "d"),
        {},
        Totals(counts, {}, {}),
        tuple(records),
        tuple(issues),
    )


FOUND = diff_of(
    [
        change("created", "T1", "title_en", "floor"),
        change("updated", "T2", "title_en", "zone", tags=("conflict",)),
        change("updated", "T3", "zone"),
        change("skipped", "T4"),
    ],
    [
        finding("T2", "conflict", "title_en"),
        finding("T3", "unmapped_floor", "floor_id"),
        finding("T5", "unmapped_category", "shops_category_id"),
        finding("T6", "unreadable_hours", "openingHours"),
        finding(None, "missing_unique_id", "uniqueId", "error"),
        finding("T4", "deleted_in_cms"),
    ],
    created=1,
)


def shown(selection: Selection) -> tuple[list[str | None], list[str]]:
    """Return the ids of the records and the codes of the findings that are shown."""
    part = select(FOUND, selection).diff
    return [item.unique_id for item in part.records], [issue.code for issue in part.issues]


def test_all_is_shown_by_default() -> None:
    """Without options everything is there, and nothing is left off."""
    selected = select(FOUND, Selection())
    assert selected.diff == FOUND
    assert (selected.left_off, selected.issues_left_off) == ({}, {})


def test_info_is_shown_where_it_is_asked_for() -> None:
    """Findings on which nobody has to act are left out and counted, those of the selection alone."""
    found = diff_of(
        [change("updated", "T1", "zone"), change("created", "T2", "zone")],
        [finding(f"T{n}", "value_kept", severity="info") for n in (1, 2)] + [finding("T1", "no_name")],
    )
    selected = select(found, Selection())
    assert [issue.code for issue in selected.diff.issues] == ["no_name"]
    assert (selected.info_left_off, selected.issues_left_off) == (2, {})
    assert select(found, Selection(frozenset({"updated"}))).info_left_off == 1
    every = select(found, read_selection(None, None, 0, is_plan=True, shows_info=True))
    assert (every.diff.issues, every.info_left_off) == (found.issues, 0)


@pytest.mark.parametrize(
    ("only", "records", "codes"),
    [
        ("created", ["T1"], []),
        ("conflict", ["T2"], ["conflict"]),
        ("updated,skipped", ["T2", "T3", "T4"], ["conflict", "unmapped_floor", "deleted_in_cms"]),
        ("unmapped", [], ["unmapped_floor", "unmapped_category"]),
        ("rejected", [], ["missing_unique_id"]),
    ],
)
def test_only(only: str, records: list[str], codes: list[str]) -> None:
    """--only takes records by what happens to them, with their findings, and the findings that are about it."""
    assert shown(read_selection(only, None, 0, is_plan=True)) == (records, codes)


@pytest.mark.parametrize(
    ("field", "records", "codes"),
    [
        ("title", ["T1", "T2"], ["conflict"]),
        ("Zone", ["T2", "T3"], []),
        ("floor, hours", ["T1"], ["unmapped_floor", "unreadable_hours"]),
        ("category", [], ["unmapped_category"]),
    ],
)
def test_field(field: str, records: list[str], codes: list[str]) -> None:
    """--field keeps the records that have the field; findings go by the field that they are about."""
    assert shown(read_selection(None, field, 0, is_plan=True)) == (records, codes)


def test_field_leaves_out_the_other_fields() -> None:
    """Of a record with two fields only the wanted one is shown."""
    part = select(FOUND, Selection(fields=frozenset({"zone"}))).diff
    assert [[field.field for field in item.fields] for item in part.records] == [["zone"], ["zone"]]


def test_limit_is_by_action_and_by_code() -> None:
    """One record of each action and one finding of each code; the rest is counted. The totals stay."""
    selected = select(FOUND, Selection(limit=1))
    assert [item.unique_id for item in selected.diff.records] == ["T1", "T2", "T4"]
    assert (selected.left_off, selected.issues_left_off) == ({"updated": 1}, {})
    assert selected.diff.totals is FOUND.totals


def test_findings_beyond_the_limit_are_counted() -> None:
    """Three findings of a code and a limit of two leave one off."""
    found = diff_of([], [finding(f"T{number}", "unmapped_floor") for number in range(3)])
    selected = select(found, Selection(limit=2))
    assert [issue.unique_id for issue in selected.diff.issues] == ["T0", "T1"]
    assert selected.issues_left_off == {"unmapped_floor": 1}


@pytest.mark.parametrize(
    ("selection", "read"),
    [
        (Selection(limit=20), 20),
        (Selection(limit=0), 0),
        (Selection(frozenset({"created"}), limit=20), 20),
        (Selection(frozenset({"kept"}), limit=20), 1),
        (Selection(frozenset({"unmapped"}), limit=20), 0),
        (Selection(fields=frozenset({"zone"}), limit=20), 0),
    ],
)
def test_how_many_new_records_have_to_be_read(selection: Selection, read: int) -> None:
    """No more than are shown, and all (0) where any of them may be among those shown."""
    assert selection.most_created == read


def test_names_of_the_options() -> None:
    """A dash is an underscore, a field without its language is each language; snapshots have names of their own."""
    assert read_selection("kind-changed", "title", 5, is_plan=True) == Selection(
        frozenset({"kind_changed"}), frozenset({"title_en", "title_th", "title_zh"}), 5
    )
    assert read_selection("added", "title,shop_number", 0, is_plan=False) == Selection(
        frozenset({"added"}), frozenset({"title_en", "title_th", "shop_number"}), 0
    )
    assert read_selection(None, "shop_number", 0, is_plan=True).fields == {
        "shop_number_en",
        "shop_number_th",
        "shop_number_zh",
    }


@pytest.mark.parametrize(
    ("only", "field", "is_plan", "message"),
    [
        ("added", None, True, r"--only is 'added': there is no 'added'. Known here: created, updated,"),
        (
            "kept",
            None,
            False,
            r"there is no 'kept'. Known here: added, changed, gone, unchanged, rejected, kind",
        ),
        (None, "colour,zone", True, r"--field is 'colour,zone': there is no 'colour'"),
        (" , ", None, True, "no name is given"),
    ],
)
def test_a_name_that_is_not_known(only: str | None, field: str | None, is_plan: bool, message: str) -> None:
    """A wrong name is a usage error that lists the right ones."""
    with pytest.raises(ConfigError, match=message):
        read_selection(only, field, 0, is_plan=is_plan)
