"""What goes back in a row that a run updated: nulls, texts, links, hours, ids; and what stays."""

from pathlib import Path
from typing import Any

import pytest

from tests.support import cms
from tests.support.api import FakeApi
from tests.support.postgres import Database
from tests.support.records import record_of
from tests.support.rollback import read_rows, roll_back
from tests.support.sync import Mall, record

LUXURY, FASHION, BEAUTY = "luxury brands / fashion", "Fashion", "Beauty"
PER_DAY = "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00"


def save(mall: Mall, unique_id: str) -> None:
    """Save a record in the CMS without a change: it makes links and hours again, with ids of their own."""
    for part, parent, columns in (
        ("rels", "parent_id", '"order", parent_id, path, categories_id'),
        ("opening_hours_per_day", "_parent_id", "_order, _parent_id, id, day, open, close"),
    ):
        values = columns.replace(" id,", " md5(gone.id || 'saved'),")
        mall.database.execute(
            f"WITH gone AS (DELETE FROM shops_{part} d USING shops WHERE d.{parent} = shops.id AND unique_id = %s "
            f"RETURNING d.*) INSERT INTO shops_{part} ({columns}) SELECT {values} FROM gone",
            unique_id,
        )
    mall.edit(unique_id)


def verdicts(mall: Mall, sync_id: str, unique_id: str = "T1") -> dict[str, str]:
    """Roll a run back, and return what became of a record's fields."""
    return {field.field: field.verdict for field in record_of(roll_back(mall, sync_id), unique_id).fields}


class TestValues:
    """Columns and texts."""

    @pytest.mark.long
    def test_fields_that_were_empty(self, mall: Mall) -> None:
        """A field that was null is null again, whatever its type."""
        empty = record(
            "T1", floor=None, zone=None, tel=None, website=None, openingHours=None, descriptionEn=None
        )
        mall.sync([empty])
        before = read_rows(mall)
        run = mall.sync([record("T1", startDate="2026-01-01", endDate="2026-12-31")])
        assert set(verdicts(mall, run.sync_id).values()) == {"back"}
        assert read_rows(mall) == before

    @pytest.mark.quick(cases=1)
    @pytest.mark.parametrize(
        ("start", "end", "shown"),
        [
            ("0044-03-15 12:30:00.5+00 BC", "infinity", "0044-03-15 12:30:00.500 UTC BC"),
            ("-infinity", "12026-01-01 00:00:00+00", "-infinity"),
            ("0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999+00", "0001-01-01T00:00:00.000Z"),
            ("4713-01-01 00:00:00+00 BC", "294276-12-31 23:59:59.999+00", "4713-01-01 00:00:00.000 UTC BC"),
        ],
    )
    def test_dates_beyond_all_calendars(self, mall: Mall, start: str, end: str, shown: str) -> None:
        """An editor's `infinity`, a date before Christ or after 9999: told apart, and back as they were."""
        mall.sync([record("T1", startDate="2026-01-01", endDate="2026-12-31")])
        mall.edit("T1", date_range_start_date=start, date_range_end_date=end)
        before = read_rows(mall)
        assert mall.sync([record("T1", startDate="2026-01-01", endDate="2026-12-31")]).counts.updated == 0
        assert read_rows(mall) == before
        run = mall.sync([record("T1", startDate="2027-01-01", endDate="2027-12-31")])
        assert (run.counts.updated, run.counts.conflicts) == (1, 2)
        (change,) = mall.database.query("SELECT before FROM etl.sync_changes WHERE sync_id = %s", run.sync_id)
        assert change["before"]["start_date"] == shown
        after = read_rows(mall)
        done = roll_back(mall, run.sync_id)
        assert read_rows(mall) == before
        roll_back(mall, str(done.sync_id))
        assert read_rows(mall) == after

    def test_a_language_that_the_run_made(self, mall: Mall) -> None:
        """Its row goes away again; rolled back again, it is there under its id."""
        mall.sync(
            [
                record(
                    "T1",
                    brandNameTh=None,
                    shopNameThai=None,
                    shopNameEnglish=None,
                    descriptionTh=None,
                    unit=None,
                )
            ]
        )
        before = read_rows(mall)
        assert sorted(before["shops", 1]["locales"]) == ["en", "zh"]
        run = mall.sync([record("T1")])
        after = read_rows(mall)
        done = roll_back(mall, run.sync_id)
        assert read_rows(mall) == before
        roll_back(mall, str(done.sync_id))
        assert read_rows(mall) == after

    def test_a_language_that_somebody_wrote_in(self, mall: Mall) -> None:
        """An editor's text in the new row stays, and so does the row."""
        mall.sync(
            [
                record(
                    "T1",
                    brandNameTh=None,
                    shopNameThai=None,
                    shopNameEnglish=None,
                    descriptionTh=None,
                    unit=None,
                )
            ]
        )
        run = mall.sync([record("T1")])
        mall.edit_texts("T1", "th", description="ของฉัน")
        found = verdicts(mall, run.sync_id)
        texts = mall.texts("T1", "th")
        assert (found["description_th"], found["title_th"]) == ("stays", "back")
        assert (texts["title"], texts["description"]) == (None, "ของฉัน")

    def test_a_language_that_somebody_removed(self, mall: Mall) -> None:
        """The row that had the text before is gone: nothing to put back where it is null already, else made again."""
        mall.sync([record("T1", brandNameTh="เก่า")])
        run = mall.sync([record("T1", brandNameTh="ใหม่")])
        mall.database.execute("DELETE FROM shops_locales WHERE _locale = 'th'")
        found = verdicts(mall, run.sync_id)
        assert found == {"title_th": "stays", "meta_title_th": "stays"}

    def test_what_is_as_before_already(self, mall: Mall) -> None:
        """An editor put it back by hand: nothing is written, and nothing stays."""
        mall.sync([record("T1", zone="East")])
        run = mall.sync([record("T1", zone="West")])
        mall.edit("T1", location_zone="East")
        fingerprint = mall.fingerprint()
        done = roll_back(mall, run.sync_id)
        assert (record_of(done, "T1").outcome, done.totals.status) == ("already", "COMPLETED")
        assert mall.fingerprint() == fingerprint

    def test_a_conflict_goes_back_to_the_editors_value(self, mall: Mall) -> None:
        """Where the source won over an editor, the editor's value comes back."""
        mall.sync([record("T1", zone="East")])
        mall.edit("T1", location_zone="Mine")
        run = mall.sync([record("T1", zone="West")])
        roll_back(mall, run.sync_id)
        assert mall.row("T1")["location_zone"] == "Mine"


class TestLinks:
    """The category."""

    @pytest.mark.quick(cases=1)
    @pytest.mark.parametrize("is_saved", [False, True])
    def test_a_link_that_the_run_moved(self, mall: Mall, is_saved: bool) -> None:
        """It points to the earlier category again, under its own id; also when a save in the CMS made it again."""
        mall.sync([record("T1", categoryNameEn=FASHION)])
        before = read_rows(mall)
        run = mall.sync([record("T1", categoryNameEn=LUXURY)])
        if is_saved:
            save(mall, "T1")
        after = read_rows(mall)
        done = roll_back(mall, run.sync_id)
        assert read_rows(mall) == before
        roll_back(mall, str(done.sync_id))
        assert read_rows(mall) == after

    def test_a_link_that_the_run_added(self, mall: Mall) -> None:
        """It goes; an editor's own link stays."""
        mall.sync([record("T1", categoryNameEn="Nonsense", categoryNameTh=None)])
        run = mall.sync([record("T1", categoryNameEn=FASHION)])
        mall.database.execute(
            "INSERT INTO shops_rels (\"order\", parent_id, path, categories_id) VALUES (9, 1, 'categories', %s)",
            mall.category_id("BEAUTY"),
        )
        roll_back(mall, run.sync_id)
        assert mall.links("T1") == [(9, "categories", "BEAUTY")]

    def test_a_link_that_an_editor_had_made_before_the_run(self, mall: Mall) -> None:
        """The run found an editor's link and removed its own: that comes back, and the editor's stays."""
        mall.sync([record("T1", categoryNameEn=FASHION)])
        mall.database.execute(
            "INSERT INTO shops_rels (\"order\", parent_id, path, categories_id) VALUES (9, 1, 'categories', %s)",
            mall.category_id("LUXURY"),
        )
        before = read_rows(mall)
        run = mall.sync([record("T1", categoryNameEn=LUXURY)])
        assert mall.links("T1") == [(9, "categories", "LUXURY")]
        roll_back(mall, run.sync_id)
        assert read_rows(mall) == before

    @pytest.mark.long
    def test_an_editors_choice_stays(self, mall: Mall) -> None:
        """An editor chose another category since: nothing is put beside it."""
        mall.sync([record("T1", categoryNameEn=FASHION)])
        run = mall.sync([record("T1", categoryNameEn=LUXURY)])
        mall.database.execute("UPDATE shops_rels SET categories_id = %s", mall.category_id("BEAUTY"))
        mall.edit("T1")
        assert verdicts(mall, run.sync_id) == {"category": "stays"}
        assert mall.links("T1") == [(1, "categories", "BEAUTY")]

    @pytest.mark.long
    def test_an_editor_linked_the_earlier_category_too(self, mall: Mall) -> None:
        """The run's link goes, and the earlier category is not linked twice."""
        mall.sync([record("T1", categoryNameEn=FASHION)])
        run = mall.sync([record("T1", categoryNameEn=LUXURY)])
        mall.database.execute(
            "INSERT INTO shops_rels (\"order\", parent_id, path, categories_id) VALUES (9, 1, 'categories', %s)",
            mall.category_id("FASHION"),
        )
        roll_back(mall, run.sync_id)
        assert mall.links("T1") == [(9, "categories", "FASHION")]

    @pytest.mark.quick(every=3)
    @pytest.mark.parametrize(
        "links", [("/:fashion",), ("/:luxury", "/:fashion"), ("categories:fashion", "/:luxury")]
    )
    def test_the_earlier_jobs_hidden_links(
        self, empty_database: Database, api: FakeApi, tmp_path: Path, links: tuple[str, ...]
    ) -> None:
        """On first contact they were taken over or removed; they come back as they were."""
        mall = Mall(api, empty_database, tmp_path)
        cms.make_cms(mall.database, skip_sync=True, api_sync_logs=True)
        cms.legacy_row(mall.database, "T1", links=links)
        before = read_rows(mall)
        mall.init()
        run = mall.sync([record("T1")])
        after = read_rows(mall)
        assert len(after["shops", 1]["rels"]) == 1
        done = roll_back(mall, run.sync_id)
        assert read_rows(mall) == before
        roll_back(mall, str(done.sync_id))
        assert read_rows(mall) == after


class TestHours:
    """Hours per day."""

    @pytest.mark.quick(every=3)
    @pytest.mark.parametrize(
        ("first", "second"),
        [("10:00 - 22:00", PER_DAY), (PER_DAY, "10:00 - 22:00"), (PER_DAY, "Mon 9:00-10:00, Tue 9:00-11:00")],
    )
    @pytest.mark.parametrize("is_saved", [False, True])
    def test_they_come_and_go(self, mall: Mall, first: str, second: str, is_saved: bool) -> None:
        """What was there before is there again, and what the run wrote when that is rolled back, to the row's id."""
        mall.sync([record("T1", openingHours=first)])
        before = shown_hours(mall)
        run = mall.sync([record("T1", openingHours=second)])
        if is_saved:
            save(mall, "T1")
        after = read_rows(mall)
        done = roll_back(mall, run.sync_id)
        assert shown_hours(mall) == before
        roll_back(mall, str(done.sync_id))
        assert read_rows(mall) == after

    @pytest.mark.long
    def test_changed_since(self, mall: Mall) -> None:
        """A day that an editor changed: the hours stay whole, and are listed."""
        mall.sync([record("T1")])
        run = mall.sync([record("T1", openingHours=PER_DAY)])
        mall.database.execute("UPDATE shops_opening_hours_per_day SET close = '23:00' WHERE day = 'sun'")
        mall.edit("T1")
        found = verdicts(mall, run.sync_id)
        assert found == {"hours": "stays"}
        assert len(read_rows(mall)["shops", 1]["hours"]) == 7


def shown_hours(mall: Mall) -> list[Any]:
    """Return a record's hours, the days' ids apart: the log of a sync does not have those that it removed."""
    row = read_rows(mall)["shops", 1]
    days = [(day["_order"], day["day"], day["open"], day["close"]) for day in row["hours"]]
    return [
        row["record"][f"opening_hours_{name}"] for name in ("same_hours_every_day", "open", "close")
    ] + days


class TestIds:
    """The unique_id of a row that was carried over."""

    @pytest.mark.long
    def test_it_goes_back_and_syncs_leave_the_row_alone(self, mall: Mall) -> None:
        """The row has its earlier id, which is told; the next sync makes no other."""
        mall.sync([record("T1")])
        before = read_rows(mall)
        feed = [record("T1", floor="Fl. 1,2")]
        run = mall.sync(feed)
        done = roll_back(mall, run.sync_id)
        assert read_rows(mall) == before
        assert done.totals.renamed == 1
        assert done.notes[1].startswith(
            "Rows that get back a unique_id by which the source does not call them: 1."
        )
        fingerprint = mall.fingerprint()
        counts = mall.sync(feed).counts
        assert (counts.skipped, counts.missing, mall.fingerprint() == fingerprint) == (2, 1, True)

        again = roll_back(mall, str(done.sync_id))
        assert (sorted(row["unique_id"] for row in mall.database.query("SELECT unique_id FROM shops")), again.notes) == (
            ["T1-1F", "T1-2F"], (),
        )  # fmt: skip
        assert mall.sync(feed).counts.unchanged == 2

    @pytest.mark.long
    def test_another_row_has_it_by_now(self, mall: Mall) -> None:
        """Two rows with one unique_id would be worse: it stays, and is listed."""
        mall.sync([record("T1")])
        run = mall.sync([record("T1", floor="Fl. 1,2")])
        mall.database.execute("INSERT INTO dinings (unique_id) VALUES ('T1')")
        done = roll_back(mall, run.sync_id)
        (field,) = record_of(done, "T1-1F").fields
        assert (field.verdict, field.message) == ("stays", "another row has that unique_id by now")
