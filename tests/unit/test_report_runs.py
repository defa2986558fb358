"""The audit trail as text: readable in 80 columns, whatever is in it."""

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl

from etl.model.panel import Panel
from etl.report import runs as trail
from etl.runs.log import as_json
from tests.support.page import drawn, links

RUN = "20261123T210451Z-3f9a1c"
FIGURES = (
    "fetched", "processed", "created", "updated", "unchanged", "skipped", "rejected", "duplicate", "missing",
)  # fmt: skip


def listed(**values: Any) -> dict[str, Any]:
    """Return a row of the list of runs; a run that failed before it counted anything unless told otherwise."""
    names = ("fetched", "created", "updated", "unchanged", "skipped", "rejected", "missing")
    row = {
        "sync_id": RUN,
        "command": "sync",
        "source": "",
        "status": "FAILED",
        "duration_seconds": None,
        **{f"records_{name}": None for name in names},
        **dict.fromkeys(("fields_kept", "conflicts", "unmapped_floors", "unmapped_categories", "error")),
        **dict.fromkeys(("rolled_back", "moved", "moved_to")),
    }
    return {**row, **values}


def done(**values: Any) -> dict[str, Any]:
    """Return a row of a run that is done, with no figure but those given."""
    zeros = {name: 0 for name in listed() if name.startswith("records_")}
    zeros |= dict.fromkeys(("fields_kept", "conflicts", "unmapped_floors", "unmapped_categories"), 0)
    return listed(status="COMPLETED", duration_seconds=1.5, **{**zeros, **values})


def run(**values: Any) -> dict[str, Any]:
    """Return one run as the audit reads it."""
    row = {
        "sync_id": RUN,
        "command": "sync",
        "source": "",
        "status": "PARTIAL",
        "started_at": datetime(2026, 11, 23, 21, 4, 51, tzinfo=UTC),
        "duration_seconds": 1.5,
        "external_api_url": "https://api.example.com/tenants",
        "snapshot": f"snapshots/{RUN}",
        "version": "0.1.0",
        "error": None,
        **{f"records_{name}": number for number, name in enumerate(FIGURES)},
        "options": "{}",
        "repairs": "{}",
        "rules": "{}",
        "details_removed_at": None,
        "performance": "{}",
    }
    return {**row, **values}


def issues(*rows: tuple[str | None, str, str, str, str | None]) -> pl.DataFrame:
    """Return findings: record, severity, code, message, value; T1 has a name and a row in the CMS."""
    found = pl.DataFrame(rows, schema=["unique_id", "severity", "code", "message", "value"], orient="row")
    is_known = pl.col("unique_id") == "T1"
    return found.with_columns(
        *(
            pl.when(is_known).then(pl.lit(value)).alias(name)
            for name, value in {"title": "Brand", "record_table": "shops", "record_id": 7}.items()
        ),
    )


def changes(*rows: dict[str, Any]) -> pl.DataFrame:
    """Return changes as the audit reads them."""
    kept = [
        {**row, **{name: row[name] and json.dumps(row[name]) for name in ("before", "after", "conflicts")},
         "before": json.dumps(row["before"])}
        for row in rows
    ]  # fmt: skip
    return pl.DataFrame(kept)


def change(action: str, before: dict[str, Any], after: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Return a change of T1, row 7 of shops."""
    row = {"unique_id": "T1", "record_table": "shops", "record_id": 7, "action": action, "conflicts": None}
    return {**row, "before": before, "after": after, **values}


NONE = pl.DataFrame()


class TestList:
    """`etl runs`."""

    def test_before_the_first(self) -> None:
        """No run yet: how to make one."""
        assert drawn(trail.show_runs(pl.DataFrame())) == ["No run yet. `etl sync` makes the first."]

    def test_figures_that_are_not_0(self) -> None:
        """A run's figures in words, only those that say something; floors and categories unmapped together."""
        rows = [
            done(
                records_fetched=1503, records_created=5, records_unchanged=1492, records_rejected=1,
                fields_kept=2, conflicts=3, unmapped_floors=3, unmapped_categories=4,
            ),
            done(),
        ]  # fmt: skip
        assert drawn(trail.show_runs(pl.DataFrame(rows)), 160) == [
            "run                      status      took  what happened",
            f"{RUN}  COMPLETED  1.5 s  1,503 fetched: 5 created, 1,492 unchanged, 1 rejected, 2 kept, 3 conflicts, "
            "7 unmapped",
            f"{RUN}  COMPLETED  1.5 s  0 fetched",
        ]

    def test_80_columns(self) -> None:
        """At 80 columns ids, status and time stay whole, and what happened goes on under itself."""
        row = done(
            records_fetched=1503, records_created=5, records_unchanged=1492, records_missing=2, fields_kept=9
        )
        assert drawn(trail.show_runs(pl.DataFrame([row]))) == [
            "run                      status      took  what happened",
            f"{RUN}  COMPLETED  1.5 s  1,503 fetched: 5 created, 1,492",
            "                                           unchanged, 2 missing, 9 kept",
        ]

    def test_failed_and_running(self) -> None:
        """A failed run shows its reason, one that has not ended says so."""
        rows = [listed(error="The API\nsaid 503", duration_seconds=150.0), listed(status="RUNNING")]
        assert drawn(trail.show_runs(pl.DataFrame(rows))) == [
            "run                      status      took  what happened",
            f"{RUN}  FAILED   2.5 min  The API⏎said 503",
            f"{RUN}  RUNNING        –  not done yet",
        ]


class TestOne:
    """`etl runs SYNC_ID`."""

    def test_a_failed_run(self) -> None:
        """Without figures there is the head alone: when, what and why."""
        row = run(status="FAILED", error="[red] the API said 503", snapshot=None, records_fetched=None)
        assert drawn(trail.show_run(row, NONE, NONE, limit=20)) == [
            f"run      {RUN}",
            "status   FAILED",
            "started  2026-11-23 21:04:51 UTC, took 1.5 s",
            "source   https://api.example.com/tenants",
            "version  0.1.0",
            "error    [red] the API said 503",
        ]

    def test_a_running_one(self) -> None:
        """Of a run that has not ended nobody knows how long it takes."""
        row = run(status="RUNNING", duration_seconds=None, records_fetched=None)
        assert "started   2026-11-23 21:04:51 UTC" in drawn(trail.show_run(row, NONE, NONE, limit=20))

    def test_the_json_columns(self) -> None:
        """Options, repairs, rules and performance as words, sorted; what is empty is left out."""
        row = run(
            options='{"force": true}',
            repairs='{"nbsp": 2, "entities": 1}',
            performance='{"seconds": {"total": 1.5, "apply": 0.2}, "retries": {}, "incomplete": ["a", "b"]}',
            records_fetched=None,
            snapshot="/" + "x" * 90,
        )
        assert drawn(trail.show_run(row, NONE, NONE, limit=20))[3:] == [
            "source       https://api.example.com/tenants",
            "snapshot     /" + "x" * 66,
            "             " + "x" * 24,
            "version      0.1.0",
            "options      force True",
            "repairs      entities 1, nbsp 2",
            "performance  incomplete a; b, seconds (total 1.5, apply 0.2)",
        ]

    def test_records(self) -> None:
        """The figures of a run that counted."""
        lines = drawn(trail.show_run(run(), NONE, NONE, limit=20))
        assert lines[lines.index("Records") :] == [
            "Records", "fetched    0", "processed  1", "created    2", "updated    3", "unchanged  4", "skipped    5",
            "rejected   6", "duplicate  7", "missing    8",
        ]  # fmt: skip

    def test_findings(self) -> None:
        """A line of record, its name and place, code and value, and below it the message; blanks of the feed as a whole."""
        found = issues(
            ("T1", "warning", "unmapped_floor", "No floor: 'Fl. 99' fits nothing. Correct the label at the source.",
             "Fl. 99"),
            (None, "error", "missing_unique_id", "no id", None),
        )  # fmt: skip
        lines = drawn(trail.show_run(run(), found, NONE, limit=20))
        assert lines[lines.index("Findings (2)") :] == [
            "Findings (2)",
            "T1  Brand (shops 7)  warning unmapped_floor  Fl. 99",
            "    No floor: 'Fl. 99' fits nothing. Correct the label at the source.",
            "the feed  error missing_unique_id",
            "    no id",
        ]

    def test_a_limit_is_told(self) -> None:
        """Where there may be more than is shown, the option that shows more is named."""
        found = issues(("T1", "warning", "no_name", "m", None))
        assert "Findings (the first 1; --limit shows more)" in drawn(
            trail.show_run(run(), found, NONE, limit=1)
        )

    def test_findings_that_are_left_out(self) -> None:
        """Of what nobody has to act on there is a count, and the option that shows it."""
        lines = drawn(trail.show_run(run(), NONE, NONE, limit=20, hidden=2))
        assert lines[-1] == "2 more findings of severity info: --all shows them."

    def test_changes(self) -> None:
        """New rows by their name; changed rows field by field, conflicts marked, blanks and nulls told apart."""
        found = changes(
            change("created", {}, {"title_en": None, "title_th": "ร้าน"}, unique_id="T2"),
            change(
                "updated",
                {"zone": "East", "title_en": "A", "website": "a.example", "phone": None, "hours": None},
                {"zone": "West", "title_en": "B", "website": "", "phone": "02 1", "hours": "10:00–22:00"},
                conflicts={"title_en": "E"},
            ),
            change("inactivated", {"status": "ACTIVE"}, {"status": "INACTIVE"}, unique_id="T3"),
        )  # fmt: skip
        lines = drawn(trail.show_run(run(), NONE, found, limit=20))
        assert lines[lines.index("Changes (3)") :] == [
            "Changes (3)",
            "T2  created  shops 7  ร้าน",
            "T1  updated  shops 7",
            "    hours                – → 10:00–22:00",
            "    phone                – → 02 1",
            "    title_en (conflict)  A → B",
            "    website              a.example → (blank)",
            "    zone                 East → West",
            "T3  inactivated  shops 7",
            "    status  ACTIVE → INACTIVE",
        ]

    def test_rows_are_links_to_the_panel(self) -> None:
        """In findings and in changes; what the run deleted has no document."""
        panel = Panel("https://cms.example.com/admin")
        found = issues(("T1", "warning", "unmapped_floor", "m", None))
        made = changes(change("deleted", {"title_en": "A"}, {"status": None}))
        url = "https://cms.example.com/admin/collections/shops/7"
        assert links(trail.show_run(run(), found, NONE, limit=20, panel=panel)) == {"shops 7": url}
        assert links(trail.show_run(run(), NONE, made, limit=20, panel=panel)) == {}
        row = {name: run()[name] for name in ("options", "performance", "repairs", "rules")}
        document = as_json(row, found, made, panel)
        assert [each["url"] for each in (*document["issues"], *document["changes"])] == [url, None]

    def test_a_long_text_is_cut(self) -> None:
        """Of a long value the first 120 characters are shown."""
        found = changes(change("updated", {"zone": "a"}, {"zone": "b" * 121}))
        lines = drawn(trail.show_run(run(), NONE, found, limit=20), 160)
        assert lines[-1] == "    zone  a → " + "b" * 119 + "…"
