"""Opening hours are one value: compared, kept, taken, put back and shown as one, on a real Postgres."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.api import read_changes, read_issues
from etl.compare.model import Diff
from tests.integration.test_diff_database import look
from tests.integration.test_explain import squeezed, told
from tests.support.api import FakeApi
from tests.support.cms import make_cms
from tests.support.merge import forbid
from tests.support.merge_model import HOURS, Hours
from tests.support.postgres import Database
from tests.support.rollback import roll_back
from tests.support.stories import of_chance
from tests.support.sync import Mall, record

TEN_TO_TEN: Hours = (True, "10:00", "22:00", ())
TEN_TO_NINE: Hours = (True, "10:00", "21:00", ())
EDITORS: Hours = (True, "08:00", "20:00", ())
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BY_DAY: Hours = (
    False, None, None, tuple((day, "10:00", "21:00" if day in {"sat", "sun"} else "20:00") for day in WEEK),
)  # fmt: skip
BY_DAY_TEXT = "Mon-Fri 10:00-20:00, Sat-Sun 10:00-21:00"
BY_DAY_READ = "Mon–Fri 10:00–20:00, Sat–Sun 10:00–21:00"


def shop(hours: str | None, **fields: Any) -> list[dict[str, Any]]:
    """Return a feed of one shop with these hours."""
    return [record("T1", openingHours=hours, **fields)]


def hours_of(mall: Mall) -> Hours:
    """Return the hours that the CMS has."""
    row = mall.row("T1")
    days = mall.database.query(
        "SELECT day::text, open, close FROM shops_opening_hours_per_day WHERE _parent_id = %s ORDER BY _order",
        row["id"],
    )
    columns = (row[f"opening_hours_{name}"] for name in ("same_hours_every_day", "open", "close"))
    return (*columns, tuple((day["day"], day["open"], day["close"]) for day in days))


def enter(mall: Mall, hours: Hours) -> None:
    """Enter hours as the CMS saves them: the rows of the days are made again."""
    same, opens, closes, days = hours
    mall.database.execute("DELETE FROM shops_opening_hours_per_day")
    for order, day in enumerate(days, start=1):
        mall.database.execute(
            "INSERT INTO shops_opening_hours_per_day (_order, _parent_id, id, day, open, close) "
            "SELECT %s, id, md5(random()::text), %s, %s, %s FROM shops WHERE unique_id = 'T1'",
            order,
            *day,
        )
    mall.edit(
        "T1",
        opening_hours_same_hours_every_day=same,
        opening_hours_open=opens,
        opening_hours_close=closes,
    )


def changes_of(mall: Mall, sync_id: str) -> list[tuple[str | None, ...]]:
    """Return what the log has of a run's changes: field, before and after, as people read them."""
    found = read_changes(sync_id, mall.dsn)
    return found.select("field", "before", "after").rows()


def hours_in(found: Diff) -> list[Any]:
    """Return what a diff says of hours."""
    return [change for each in found.records for change in each.fields if change.field.startswith("hours")]


class TestVerdicts:
    """Base, editor and source: what stays, what is written, what is a conflict."""

    @pytest.mark.parametrize(("winner", "left"), [("source", TEN_TO_NINE), ("editor", EDITORS)])
    def test_both_changed(self, mall: Mall, winner: str, left: Hours) -> None:
        """One conflict of the whole values, and one side's hours whole."""
        mall.sync(shop("10:00-22:00"))
        enter(mall, EDITORS)

        result = mall.sync(shop("10:00-21:00"), conflicts=winner)

        assert (result.counts.conflicts, result.counts.kept, hours_of(mall)) == (1, 0, left)
        (issue,) = read_issues(result.sync_id, mall.dsn).filter(code="conflict").to_dicts()
        assert (issue["field"], json.loads(issue["value"])) == (
            "hours", {"base": "10:00–22:00", "editor": "08:00–20:00", "source": "10:00–21:00"},
        )  # fmt: skip
        expected = [("hours", "08:00–20:00", "10:00–21:00")] if winner == "source" else []
        assert changes_of(mall, result.sync_id) == expected

    @pytest.mark.parametrize(("winner", "left"), [("source", BY_DAY), ("editor", EDITORS)])
    def test_a_source_by_day_against_an_editor(self, mall: Mall, winner: str, left: Hours) -> None:
        """Rows of days come with the source's other columns, or not at all."""
        mall.sync(shop("10:00-22:00"))
        enter(mall, EDITORS)
        assert mall.sync(shop(BY_DAY_TEXT), conflicts=winner).counts.conflicts == 1
        assert hours_of(mall) == left

    @pytest.mark.parametrize("winner", ["source", "editor"])
    def test_text_that_cant_be_read(self, mall: Mall, winner: str) -> None:
        """An editor's closing time never stands behind the source's text."""
        mall.sync(shop("ask us"))
        enter(mall, (True, "11:00", "22:00", ()))
        assert mall.sync(shop("ask the shop"), conflicts=winner).counts.conflicts == 1
        kept = (True, "11:00", "22:00", ())
        assert hours_of(mall) == ((True, "ask the shop", None, ()) if winner == "source" else kept)

    @pytest.mark.parametrize("winner", ["source", "editor"])
    def test_a_day_moves_under_an_editor(self, mall: Mall, winner: str) -> None:
        """The source changes Saturday, the editor made it the same every day: a conflict."""
        mall.sync(shop(BY_DAY_TEXT))
        enter(mall, (True, "09:00", "18:00", ()))
        result = mall.sync(shop("Mon-Fri 10:00-20:00, Sat 11:00-21:00, Sun 10:00-21:00"), conflicts=winner)
        assert result.counts.conflicts == 1
        saturday = tuple(
            ("sat", "11:00", "21:00") if day == "sat" else (day, *span) for day, *span in BY_DAY[3]
        )
        theirs = (True, "09:00", "18:00", ())
        assert hours_of(mall) == ((False, None, None, saturday) if winner == "source" else theirs)

    @pytest.mark.quick(every=4)
    @pytest.mark.parametrize(
        ("theirs", "is_an_edit"),
        [
            ((False, None, None, tuple(reversed(BY_DAY[3]))), False),
            ((False, "", "", BY_DAY[3]), False),
            ((False, None, None, tuple((day, "10.00", closes) for day, _, closes in BY_DAY[3])), False),
            ((True, None, None, BY_DAY[3]), True),
            ((False, "10:00", None, BY_DAY[3]), True),
            ((False, None, None, BY_DAY[3][:6]), True),
            ((False, None, None, (*BY_DAY[3], ("sun", "10:00", "21:00"))), True),
            ((False, None, None, ()), True),
        ],
    )
    def test_what_is_an_edit_of_days(self, mall: Mall, theirs: Hours, is_an_edit: bool) -> None:
        """The order of the days, '' for null and another spelling of a time are none; all else is."""
        mall.sync(shop(BY_DAY_TEXT))
        enter(mall, theirs)
        result = mall.sync(shop(BY_DAY_TEXT, zone="West"))
        assert (result.counts.kept, result.counts.conflicts, hours_of(mall)) == (int(is_an_edit), 0, theirs)
        moved = mall.sync(shop("10:00-22:00", zone="West"))
        assert (moved.counts.conflicts, hours_of(mall)) == (int(is_an_edit), TEN_TO_TEN)

    @pytest.mark.quick(every=4)
    @pytest.mark.parametrize(
        ("theirs", "is_an_edit"),
        [
            ((True, "9.00", "22:00", ()), False),
            ((True, "9:00 ", "22.00 น.", ()), False),
            ((True, "๐๙:๐๐", "\u200e22:00:00", ()), False),
            ((True, "09:00", "22:30", ()), True),
            ((False, "09:00", "22:00", ()), True),
            ((None, "09:00", "22:00", ()), True),
            ((True, "09:00", "", ()), True),
            ((True, None, "", ()), True),
        ],
    )
    def test_what_is_an_edit_of_the_same_hours(self, mall: Mall, theirs: Hours, is_an_edit: bool) -> None:
        """Another spelling of the same times is none; a flag, a time or nothing at all is."""
        mall.sync(shop("09:00-22:00"))
        enter(mall, theirs)
        result = mall.sync(shop("09:00-22:00", zone="West"))
        assert (result.counts.kept, hours_of(mall)) == (int(is_an_edit), theirs)

    @pytest.mark.parametrize("empty", [(True, None, None, ()), (False, "", "", ()), (None, "", None, ())])
    def test_first_hours_of_the_source(self, mall: Mall, empty: Hours) -> None:
        """Where the CMS has no hours, whatever its flag says, the source's first ones are no conflict."""
        mall.sync(shop(None))
        enter(mall, empty)
        result = mall.sync(shop(BY_DAY_TEXT), conflicts="editor")
        assert (result.counts.updated, result.counts.conflicts, hours_of(mall)) == (1, 0, BY_DAY)

    def test_an_editors_first_hours(self, mall: Mall) -> None:
        """An editor filled what the source left blank, and it disagrees: a conflict."""
        mall.sync(shop(None))
        enter(mall, EDITORS)
        assert mall.sync(shop(None, zone="West")).counts.kept == 0
        assert mall.sync(shop("10:00-22:00"), conflicts="editor").counts.conflicts == 1
        assert hours_of(mall) == EDITORS

    def test_first_contact(self, mall: Mall) -> None:
        """Without a base the source's are taken whole, unless only their spelling differs."""
        mall.sync(shop("10:00-22:00"))
        for theirs, left in (
            (EDITORS, TEN_TO_TEN),
            ((True, "10.00", "22.00", ()), (True, "10.00", "22.00", ())),
        ):
            enter(mall, theirs)
            mall.database.execute("DELETE FROM etl.tenants_base")
            mall.sync(shop("10:00-22:00"))
            assert hours_of(mall) == left

    def test_the_same_edit_on_both_sides(self, mall: Mall) -> None:
        """Both sides say the same now: nothing is written, and nothing is a conflict."""
        mall.sync(shop("10:00-22:00"))
        enter(mall, (False, "", "", tuple(reversed(BY_DAY[3]))))
        result = mall.sync(shop(BY_DAY_TEXT))
        assert (result.counts.updated, result.counts.conflicts) == (0, 0)


class TestTexts:
    """What the source writes, and what the CMS then has."""

    @pytest.mark.quick(every=4)
    @pytest.mark.parametrize(
        ("text", "hours"),
        [
            ("11:00-22:00 (last order 21:30)", (True, "11:00", "22:00", ())),
            ("๑๐.๐๐ – ๒๒.๐๐ น.", TEN_TO_TEN),
            (BY_DAY_TEXT, BY_DAY),
            ("6-11", (True, "6-11", None, ())),
            ("2.00-9.00", (True, "2.00-9.00", None, ())),
            ("25:99", (True, "25:99", None, ())),
        ],
    )
    def test_they_get_there(self, mall: Mall, text: str, hours: Hours) -> None:
        """Text that can't be read is kept as it is, and reported; the next sync writes nothing."""
        result = mall.sync(shop(text))
        assert hours_of(mall) == hours
        is_read = (hours[1] or "") != text
        assert [code for _, code in mall.issues(result.sync_id)] == ([] if is_read else ["unreadable_hours"])
        assert not mall.sync().counts.has_changes


class TestCreation:
    """The flag of a row whose record has no hours."""

    @pytest.mark.quick(every=4)
    @pytest.mark.parametrize(
        ("definition", "flag"),
        [
            ("", None),
            ("SET DEFAULT true", True),
            ("SET DEFAULT false", False),
            ("SET DEFAULT false, ALTER opening_hours_same_hours_every_day SET NOT NULL", False),
            ("SET NOT NULL", True),
        ],
    )
    def test_it_is_the_columns_default(
        self, api: FakeApi, empty_database: Database, tmp_path: Path, definition: str, flag: bool | None
    ) -> None:
        """Whatever that is; a column that must not be null and has none gets a value. Other rows get theirs."""
        make_cms(empty_database, skip_sync=True, api_sync_logs=False)
        if definition:
            empty_database.execute(f"ALTER TABLE shops ALTER opening_hours_same_hours_every_day {definition}")
        mall = Mall(api, empty_database, tmp_path)
        mall.init()
        run = mall.sync([*shop(None), record("T2", openingHours=BY_DAY_TEXT)])
        assert hours_of(mall) == (flag, None, None, ())
        assert mall.row("T2")["opening_hours_same_hours_every_day"] is False
        assert not mall.sync(shop(None, zone="West")[:0] or None).counts.has_changes
        assert {each.outcome for each in roll_back(mall, run.sync_id).records} == {"deleted"}


class TestPutBack:
    """An old form that was saved over a run's work."""

    def test_hours_are_put_back_as_one(self, mall: Mall) -> None:
        """One value in the finding; --retake takes the source's whole again."""
        mall.sync(shop(BY_DAY_TEXT))
        mall.sync(shop("10:00-22:00"))
        enter(mall, (False, "", "", BY_DAY[3]))
        result = mall.sync()
        (issue,) = read_issues(result.sync_id, mall.dsn).to_dicts()
        assert (issue["code"], issue["value"], hours_of(mall)[0]) == ("put_back", "hours", False)
        assert mall.sync(retake=True).counts.updated == 1
        assert hours_of(mall) == TEN_TO_TEN


class TestRollback:
    """What a run replaced comes back whole, and exactly."""

    @pytest.mark.quick(every=4)
    @pytest.mark.parametrize(
        "theirs",
        [
            EDITORS,
            (None, "", None, ()),
            (False, "", None, (("sun", "9.00", None), ("mon", None, ""), ("sun", "14:00", "15:00"))),
            (True, "10:00", "22:00", BY_DAY[3]),
        ],
    )
    def test_it_comes_back_exactly(self, mall: Mall, theirs: Hours) -> None:
        """Null and '' apart, the days in their order; and rolled back again, the run's."""
        mall.sync(shop("10:00-22:00"))
        enter(mall, theirs)
        run = mall.sync(shop("Mon 9:00-10:00"))
        after = hours_of(mall)
        assert after == (False, None, None, (("mon", "09:00", "10:00"),))
        done = roll_back(mall, run.sync_id)
        assert hours_of(mall) == theirs
        roll_back(mall, str(done.sync_id))
        assert hours_of(mall) == after

    def test_an_edit_since_keeps_all(self, mall: Mall) -> None:
        """A part that an editor changed keeps the whole where it is, as one field that stays."""
        mall.sync(shop("10:00-22:00"))
        run = mall.sync(shop(BY_DAY_TEXT))
        edited: Hours = (False, None, None, BY_DAY[3][:6])
        enter(mall, edited)
        done = roll_back(mall, run.sync_id)
        (field,) = done.records[0].fields
        assert (field.field, field.verdict, field.before, field.written) == (
            "hours", "stays", "10:00–22:00", BY_DAY_READ,
        )  # fmt: skip
        assert field.now == "Mon–Fri 10:00–20:00, Sat 10:00–21:00"
        assert hours_of(mall) == edited

    def test_a_save_without_a_change_does_not_count(self, mall: Mall) -> None:
        """The CMS makes the days again, in another order and with '' for null: still the run's."""
        mall.sync(shop("10:00-22:00"))
        run = mall.sync(shop(BY_DAY_TEXT))
        enter(mall, (False, "", "", tuple(reversed(BY_DAY[3]))))
        assert roll_back(mall, run.sync_id).totals.status == "COMPLETED"
        assert hours_of(mall) == TEN_TO_TEN

    def test_put_back_by_hand(self, mall: Mall) -> None:
        """What is as before already, but for its spelling, is left."""
        mall.sync(shop("10:00-22:00"))
        run = mall.sync(shop(BY_DAY_TEXT))
        enter(mall, (True, "10.00", "22.00", ()))
        assert roll_back(mall, run.sync_id).records[0].outcome == "already"


class TestShown:
    """One row with readable text, wherever hours are shown."""

    @pytest.mark.long
    def test_diff_runs_and_explain(self, mall: Mall) -> None:
        """The same words in each."""
        mall.sync(shop("10:00-22:00"))
        enter(mall, EDITORS)
        mall.api.records = shop(BY_DAY_TEXT)
        (change,) = hours_in(look(mall))
        assert (change.field, change.verdict, change.base, change.before, change.source) == (
            "hours", "conflict", "10:00–22:00", "08:00–20:00", BY_DAY_READ,
        )  # fmt: skip
        result = mall.sync()
        assert changes_of(mall, result.sync_id) == [("hours", "08:00–20:00", BY_DAY_READ)]
        page = squeezed(told(mall, "T1"))
        assert f"hours {BY_DAY_READ} '{BY_DAY_TEXT}'" in page
        assert f"hours: 08:00–20:00 → {BY_DAY_READ}" in page
        enter(mall, (False, "", "", tuple(reversed(BY_DAY[3]))))
        assert "an editor, after" not in squeezed(told(mall, "T1"))

    def test_a_new_record(self, mall: Mall) -> None:
        """A new record has hours in words, and none where the source has none."""
        mall.api.records = [*shop(BY_DAY_TEXT), record("T2", openingHours=None)]
        assert [change.after for change in hours_in(look(mall))] == [BY_DAY_READ]


def test_a_refused_day_costs_the_whole_record(mall: Mall) -> None:
    """Where the database refuses a row of a day, no column of the hours is written either."""
    mall.sync(shop("10:00-22:00"))
    forbid(mall, "shops_opening_hours_per_day", "NEW.day = 'sun'")
    mall.sync(shop(BY_DAY_TEXT), refused=True)
    assert hours_of(mall) == TEN_TO_TEN


THEIRS = st.sampled_from(
    [
        *filter(None, HOURS.values()), EDITORS, BY_DAY, (False, "", "", tuple(reversed(BY_DAY[3]))),
        (True, "10.00", "22:00", ()), (True, "10:00", "22:00", BY_DAY[3]), (False, "10:00", "21:00", ()),
        (None, None, None, ()), (True, "11:00", "", ()),
    ]
)  # fmt: skip
STEP = st.tuples(
    st.one_of(st.none(), THEIRS), st.sampled_from(list(HOURS)), st.sampled_from(["source", "editor"])
)


@of_chance(6)
@given(first=st.sampled_from(list(HOURS)), steps=st.lists(STEP, min_size=1, max_size=6))
def test_hours_never_mix(mall: Mall, first: str | None, steps: list[Any]) -> None:
    """After any history the row has one side's whole value: what the CMS had, or what the source says."""
    mall.empty()
    mall.sync(shop(first))
    for edit, text, winner in steps:
        if edit is not None:
            enter(mall, edit)
        theirs = hours_of(mall)
        run = mall.sync(shop(text), conflicts=winner)
        left = hours_of(mall)
        assert left in (theirs, HOURS[text])
        assert read_changes(run.sync_id, mall.dsn).filter(pl.col("field") == "hours").height == (
            left != theirs
        )
        done = roll_back(mall, run.sync_id)
        assert hours_of(mall) == theirs
        if done.sync_id is not None:
            roll_back(mall, done.sync_id)
        assert hours_of(mall) == left
