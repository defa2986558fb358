"""What a rollback says and decides, without a database."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from etl.compare.model import Reference
from etl.contract.tenant import FIELDS
from etl.load.columns import present_values
from etl.model.panel import Panel
from etl.report import runs as trail
from etl.report.rollback import show_rollback
from etl.rollback.model import OUTCOMES, Rollback, RollbackTotals, RolledField, RolledRecord, RolledRun
from etl.rollback.run import Done, standing
from etl.runs import cms_log
from etl.runs.log import rolled_back
from tests.support.page import drawn, links

MONDAY, TUESDAY, WEDNESDAY = (
    f"202611{day}T060000Z-{tail}" for day, tail in ((23, "a1b2c3"), (24, "a1ffff"), (25, "00beef"))
)
RUN = RolledRun(MONDAY, "sync", "COMPLETED", datetime(2026, 11, 23, 6, tzinfo=UTC))
LOGGED = {
    "sync_id": TUESDAY, "command": "rollback", "status": "COMPLETED", "error": None, "options": f'{{"of": "{MONDAY}"}}',
    "started_at": datetime(2026, 11, 24, 6, tzinfo=UTC), "duration_seconds": 0.5, "external_api_url": None,
    "source": "",
    "snapshot": None, "version": "0.1.0", "records_fetched": None, "records_created": 0, "records_updated": 1200,
    "records_deleted": 5, "records_inactivated": 1, "records_unchanged": 0, "records_skipped": 2, "records_rejected": 0,
    "records_missing": None, "records_processed": 1208, "records_duplicate": None, "fields_kept": 3, "conflicts": None,
    "unmapped_floors": None, "unmapped_categories": None, "repairs": "{}", "rules": "{}", "performance": "{}",
    "details_removed_at": None,
    "rolled_back": MONDAY, "moved": None, "moved_to": None,
}  # fmt: skip
SENTENCE = (
    f"rolled back {MONDAY}: 1,200 put back, 5 deleted, 1 set INACTIVE, 2 left as they are, "
    "3 fields changed since and left"
)


def totals(
    fields: tuple[int, int, int] = (0, 0, 0), partly: int = 0, **records: tuple[int, int]
) -> RollbackTotals:
    """Return totals: records by outcome as (shops, dinings), fields as (back, same, stays)."""
    by_table: dict[str, dict[str, int]] = {
        name: dict(zip(("shops", "dinings"), records.get(name, (0, 0)), strict=True)) for name in OUTCOMES
    }
    return RollbackTotals(by_table, dict(zip(("back", "same", "stays"), fields, strict=True)), partly)


class TestChain:
    """Which runs are rolled back."""

    @pytest.mark.parametrize(
        ("newest_first", "found"),
        [
            ([], {}),
            ([("r1", "s1")], {"s1": "r1"}),
            ([("r2", "r1"), ("r1", "s1")], {"r1": "r2"}),
            ([("r3", "r2"), ("r2", "r1"), ("r1", "s1")], {"r2": "r3", "s1": "r1"}),
            ([("r3", "s1"), ("r2", "r1"), ("r1", "s1")], {"s1": "r3", "r1": "r2"}),
            ([("r2", "s1"), ("r1", "s1")], {"s1": "r2"}),
        ],
    )
    def test_a_rollback_stands_until_it_is_rolled_back(
        self, newest_first: list[tuple[str, str]], found: dict[str, str]
    ) -> None:
        """Each rollback undoes the one it names, and with it what that one had undone."""
        done = [Done(sync_id, of, "COMPLETED") for sync_id, of in newest_first]
        assert {of: rollback.sync_id for of, rollback in standing(done).items()} == found


class TestStatus:
    """COMPLETED or PARTIAL."""

    @pytest.mark.parametrize(
        ("found", "status"),
        [
            (totals(put_back=(3, 0), deleted=(1, 1), already=(1, 0), restored=(0, 1)), "COMPLETED"),
            (totals(put_back=(3, 0), stays=(0, 1)), "PARTIAL"),
            (totals(inactivated=(1, 0)), "PARTIAL"),
            (totals(put_back=(3, 0), partly=1), "PARTIAL"),
        ],
    )
    def test_whatever_is_not_as_before_makes_it_partial(self, found: RollbackTotals, status: str) -> None:
        """A row that stays, one set INACTIVE in place of deleted, and a row of which a field stays."""
        assert found.status == status

    def test_figures(self) -> None:
        """Sums over both tables; what stays or is as before is not written."""
        found = totals(put_back=(3, 1), deleted=(1, 1), already=(1, 0), stays=(0, 5))
        assert (found.of("put_back"), found.changes, found.written) == (4, 12, 6)


class TestColumns:
    """The values now, by the contract."""

    def test_each_field_once(self) -> None:
        """Every field of the contract, and the keys, each with its column as the merge's text."""
        values = dict(row[2:-1].split("', ", 1) for row in present_values().split(",\n    "))
        assert values.keys() == {field.name for field in FIELDS} | {"unique_id", "slug", "hidden_links"}
        assert values["title_zh"] == "zh.title::text"
        assert values["floor"] == "(record.floor_id)::text"
        assert values["status"] == "(record.status)::text"
        assert values["category"] == "links.category"
        assert values["start_date"] == (
            "CASE WHEN record.date_range_start_date BETWEEN '0001-01-01T00:00:00Z' AND '9999-12-31T23:59:59.999Z' "
            "THEN to_char(record.date_range_start_date AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') "
            "WHEN isfinite(record.date_range_start_date) "
            "THEN to_char(record.date_range_start_date AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS \"UTC\" BC') "
            "ELSE record.date_range_start_date::text END"
        )


class TestWords:
    """One sentence, wherever runs are listed."""

    def test_figures_that_are_not_0(self) -> None:
        """What was done, in the order of the table; nothing at all is said so."""
        assert rolled_back(LOGGED, MONDAY) == SENTENCE
        nothing = dict.fromkeys(LOGGED, 0)
        assert rolled_back(nothing, MONDAY) == f"rolled back {MONDAY}: nothing to write"

    def test_in_the_list_of_runs(self) -> None:
        """`etl runs` has the sentence where a sync has its figures; a failed one has its reason."""
        failed = {**LOGGED, "status": "FAILED", "records_updated": None, "error": "no rights"}
        done, other = (drawn(trail.show_runs(pl.DataFrame([row])), 240)[1] for row in (LOGGED, failed))
        assert done == f"{TUESDAY}  COMPLETED  0.5 s  {SENTENCE}"
        assert other == f"{TUESDAY}  FAILED  0.5 s  no rights"

    def test_of_one_run(self) -> None:
        """`etl runs SYNC_ID` has it too, and shows whole rows by their title."""
        row = {"unique_id": "T1", "record_table": "shops", "record_id": 7, "conflicts": None}
        rows = [
            {**row, "action": "deleted", "before": json.dumps({"title_en": "Nook"}), "after": "{}"},
            {**row, "action": "restored", "before": "{}", "after": json.dumps({"title_th": "ร้าน"})},
        ]
        page = drawn(trail.show_run(LOGGED, pl.DataFrame(), pl.DataFrame(rows), limit=20), 240)
        assert SENTENCE in page
        assert page[-2:] == ["T1  deleted  shops 7  Nook", "T1  restored  shops 7  ร้าน"]

    def test_on_the_screen_of_the_cms(self) -> None:
        """The notes have it as a sentence."""
        assert cms_log.notes(LOGGED, {}) == f"R{SENTENCE[1:]}."


RECORDS = (
    RolledRecord(
        "put_back", "T1", "shops", 7, "updated", "Nook\x1b[31m", "changed_since", None,
        (
            RolledField(
                "category", "stays", Reference(1, "LUXURY"), Reference(2, None), None, "an editor changed it since"
            ),
            RolledField("description_en", "back", "x" * 200 + " old", "x" * 200 + " new", "x" * 200 + " new"),
            RolledField("hours", "same", None, "Mon 10:00–21:00", None),
            RolledField("phone", "back", None, "02", "02"),
        ),
    ),
    RolledRecord(
        "deleted", "T2", "dinings", 8, "created", "Tea",
        fields=(RolledField("zone", "deleted", None, "E", "E"),),
    ),
    RolledRecord(
        "inactivated", "T3", "shops", 9, "created", None, "saved_since", "Somebody saved the row since.",
        (
            RolledField("status", "inactivated", None, "INACTIVE", "ACTIVE"),
            RolledField("zone", "stays", None, "E", "", "run r2 wrote it"),
        ),
    ),
)  # fmt: skip
FOUND = totals((2, 1, 1), 1, put_back=(1, 0), deleted=(0, 3), inactivated=(1, 0))


class TestPage:
    """The text."""

    def test_before_it_is_done(self) -> None:
        """Totals, notes, then rows by outcome: what goes back to what, and what stays with all its values."""
        result = Rollback(RUN, "the mall", FOUND, RECORDS, {"deleted": 2}, ("Mind the gap.",))
        page = drawn(show_rollback(result), 100)
        assert page[:2] == [f"Roll back {MONDAY} of 2026-11-23 06:00:00 UTC, a sync", "in        the mall"]
        assert "put back         1        0      1  rows whose fields go back to what they were" in page
        assert "! Mind the gap." in page
        assert page[page.index("put back  1 shown") :] == [
            "put back  1 shown",
            "  T1  shops 7  Nook\\x1b[31m",
            "    category        stays: an editor changed it since",
            "                      before LUXURY (1)",
            "                      run    id 2",
            "                      now    –",
            f"    description_en  − …{'x' * 23} new",
            f"                    + …{'x' * 23} old",
            "    hours           –  (as before already)",
            "    phone           02 → –",
            "",
            "deleted  1 shown, 2 more (--limit 0 shows all)",
            "  T2  dinings 8  Tea",
            "",
            "inactivated  1 shown",
            "  T3  shops 9",
            "    Somebody saved the row since.",
            "    status  ACTIVE → INACTIVE",
            "    zone    run r2 wrote it",
            "              run E",
            "              now (none)",
            "",
            f"Nothing was written. To do it: etl rollback {MONDAY} --yes",
        ]

    def test_after_it_is_done(self) -> None:
        """The rollback's own id and status come first, and in the end where to look."""
        result = Rollback(RUN, "the mall", FOUND, sync_id=TUESDAY, seconds={"total": 0.21})
        page = drawn(show_rollback(result), 100)
        assert page[0] == f"PARTIAL  {TUESDAY}  in 0.2 s"
        assert page[-1] == f"look closer: etl runs {TUESDAY}"

    def test_of_a_rollback(self) -> None:
        """It is said that this does the first run again; nothing to write is said too."""
        again = RolledRun(TUESDAY, "rollback", "COMPLETED", datetime(2026, 11, 24, 6, tzinfo=UTC))
        page = drawn(show_rollback(Rollback(again, "the mall", totals(already=(1, 0)))), 120)
        assert page[0].endswith("UTC, a rollback, so this does the rolled-back run again")
        assert page[-1] == "A rollback would write nothing."

    def test_of_a_run_that_changed_nothing(self) -> None:
        """One sentence."""
        assert drawn(show_rollback(Rollback(RUN, "the mall", totals())), 100) == [
            f"Run {MONDAY} changed no row of the CMS: there is nothing to roll back."
        ]


def test_links_to_the_panel() -> None:
    """A row is a link to its document, until the rollback has deleted it."""
    panel = Panel("https://cms.example.com/admin")
    result = Rollback(RUN, "the mall", FOUND, RECORDS, panel=panel)
    url = "https://cms.example.com/admin/collections"
    assert [each["url"] for each in result.as_dict()["records"]] == [
        f"{url}/shops/7", f"{url}/dinings/8", f"{url}/shops/9",
    ]  # fmt: skip
    assert links(show_rollback(result)) == {
        "shops 7": f"{url}/shops/7", "dinings 8": f"{url}/dinings/8", "shops 9": f"{url}/shops/9",
    }  # fmt: skip
    done = replace(result, sync_id=TUESDAY, seconds={"total": 0.21})
    assert [each["url"] for each in done.as_dict()["records"]] == [f"{url}/shops/7", None, f"{url}/shops/9"]


def test_the_json() -> None:
    """The format's name and version, the run, figures with their totals, and each field's values."""
    found = Rollback(
        RUN, "the mall", FOUND, RECORDS[:1], {"deleted": 3}, ("Mind.",), TUESDAY, {"total": 0.2}
    ).as_dict()
    assert (found["format"], found["version"], found["is_done"], found["sync_id"], found["status"]) == (
        "iconsiam-etl rollback", 1, True, TUESDAY, "PARTIAL",
    )  # fmt: skip
    assert found["run"]["sync_id"] == MONDAY
    assert found["totals"]["records"]["deleted"] == {"shops": 0, "dinings": 3, "total": 3}
    assert (found["totals"]["written"], found["totals"]["fields"]) == (5, {"back": 2, "same": 1, "stays": 1})
    (first,) = found["records"]
    assert (first["outcome"], first["record_id"], first["was"]) == ("put_back", 7, "updated")
    assert first["fields"][0] == {
        "field": "category", "verdict": "stays", "before": {"id": 1, "name": "LUXURY"},
        "written": {"id": 2, "name": None}, "now": None, "message": "an editor changed it since",
    }  # fmt: skip
    assert (found["left_off"], found["notes"], found["seconds"]) == (
        {"deleted": 3},
        ["Mind."],
        {"total": 0.2},
    )
