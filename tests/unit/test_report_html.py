"""The HTML report as text: what is on the page, what is escaped, and that the same diff gives the same bytes."""

import json
import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from etl import __version__
from etl.compare.model import (
    SNAPSHOT_ACTIONS,
    Diff,
    FieldChange,
    Finding,
    Nearest,
    RecordChange,
    Reference,
    Totals,
    Unmapped,
    empty_counts,
)
from etl.compare.select import Selection, select
from etl.errors import ConfigError
from etl.model.results import Side
from etl.report.diff_output import default_limit, require_place, write_diff
from etl.report.html import to_html
from etl.report.html.charts import count_by
from etl.report.html.markup import Html, escaped, exact, join, tag
from etl.report.html.records import records_json
from etl.runtime.visible import visible
from tests.support.plans import plan

FLOOR, CATEGORY = Reference(3, "3F"), Reference(11, "FASHION")


def snapshots(*records: RecordChange) -> Diff:
    """Return a comparison of snapshots with these records."""
    counts = empty_counts((*SNAPSHOT_ACTIONS, "kind_changed"))
    for item in records:
        counts[item.action][item.table or "unknown"] += 1
    sides = Side("api", "https://api.example/tenants", 2), Side("snapshot", "snapshots/old", 1)
    return Diff(*sides, {}, Totals(counts, {}, {}), records, ())


def row(action: str, *fields: FieldChange, **values: object) -> RecordChange:
    """Return record T1 of shops on 3F."""
    known = {
        "unique_id": "T1",
        "source_unique_id": "T1",
        "table": "shops",
        "title": "Brand",
        "tags": (action,),
    }
    return RecordChange(**{"action": action, "fields": fields, "floor": FLOOR, **known, **values})  # type: ignore[arg-type]


def page(diff: Diff, selection: Selection | None = None) -> str:
    """Return the page of a diff without its style and script."""
    text = to_html(select(diff, selection or Selection()))
    return re.sub(r"<style>.*?</style>|<script>.*?</script>", "", text, flags=re.DOTALL)


def words(text: str) -> str:
    """Return what a reader sees of HTML, blanks joined."""
    return " ".join(
        re.sub(r"<[^>]*>", " ", re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)).split()
    )


def data(diff: Diff) -> object:
    """Return the records that the page's script reads."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page(diff), re.DOTALL)
    return found and json.loads(found[1])


class TestMarkup:
    """HTML is made by tag() only; all else is escaped."""

    def test_texts_are_escaped_and_html_is_not(self) -> None:
        """Children and attributes; null, False and empty lists leave nothing."""
        made = tag(
            "p",
            "<b> & ",
            tag("i", "x"),
            None,
            ["a", [Html("<br>")]],
            class_='"q"',
            data_x=1,
            hidden=True,
            id=None,
        )
        assert made == ('<p class="&quot;q&quot;" data-x="1" hidden>&lt;b&gt; &amp; <i>x</i>a<br></p>')
        assert tag("meta", charset="utf-8", hidden=False) == '<meta charset="utf-8">'
        assert join("<", tag("i")) == "&lt;<i></i>"

    def test_what_could_disturb_the_page_is_shown_as_an_escape(self) -> None:
        """Controls, lone surrogates and marks of direction; a line break, Thai and emoji stay."""
        assert visible("a\x00\x1b\u202e\u2066\ud800\u2028\x85b\nไทย 👩‍🚀") == (
            "a\\x00\\x1b\\u202e\\u2066\\ud800\\u2028\\x85b\nไทย 👩‍🚀"
        )
        assert escaped("<\u200f>") == "&lt;\\u200f&gt;"

    def test_in_a_change_all_that_is_unseen_is_an_escape(self) -> None:
        """Or a reader could not tell what changed."""
        assert exact("a\u200b\xa0\ufeffé") == "a\\u200b\\u00a0\\ufeffé"
        assert exact("plain\t") == "plain\\x09"


class TestRecords:
    """The records as data for the script."""

    def test_an_updated_record(self) -> None:
        """Before without what was added, after without what was removed; a floor with its id; nothing is null."""
        changed = row(
            "updated",
            FieldChange("title_en", "source", "Old Brand", "New Brand", "Old Brand", "New Brand"),
            FieldChange("floor", "first_contact", None, FLOOR),
            FieldChange("category", "source", Reference(9, None), CATEGORY),
            FieldChange("floor", "source", FLOOR, Reference(4, "3F North")),
            FieldChange("hours", "source", "", "Mon 10:00–21:00"),
            record_id=7,
            category=Reference(9, None),
        )
        assert data(plan(changed)) == [
            {
                "action": "updated",
                "tags": ["updated"],
                "id": "T1",
                "title": "Brand",
                "table": "shops",
                "row": 7,
                "floor": "3F",
                "category": "id 9",
                "remarks": [],
                "fields": [
                    {
                        "name": "title_en",
                        "why": "changed by the source",
                        "sides": [
                            {"label": "before", "pieces": [[1, "Old"], " Brand"]},
                            {"label": "after", "pieces": [[2, "New"], " Brand"]},
                        ],
                    },
                    {
                        "name": "floor",
                        "why": "first sync of this row",
                        "sides": [
                            {"label": "before", "pieces": None},
                            {"label": "after", "pieces": [[2, "3F (id 3)"]]},
                        ],
                    },
                    {
                        "name": "category",
                        "why": "changed by the source",
                        "sides": [
                            {"label": "before", "pieces": [[1, "id 9"]]},
                            {"label": "after", "pieces": [[2, "FASHION (id 11)"]]},
                        ],
                    },
                    {
                        "name": "floor",
                        "why": "changed by the source",
                        "sides": [
                            {"label": "before", "pieces": [[1, "3F (id 3)"]]},
                            {"label": "after", "pieces": [[2, "3F North (id 4)"]]},
                        ],
                    },
                    {
                        "name": "hours",
                        "why": "changed by the source",
                        "sides": [
                            {"label": "before", "pieces": []},
                            {"label": "after", "pieces": [[2, "Mon 10:00–21:00"]]},
                        ],
                    },
                ],
            }
        ]

    @pytest.mark.parametrize(
        ("change", "why", "sides"),
        [
            (FieldChange("zone", "created", after="East"), "", [("after", ["East"], None)]),
            (FieldChange("zone", "added", None, "East"), "", [("after", ["East"], None)]),
            (FieldChange("zone", "gone", "East"), "", [("before", ["East"], None)]),
            (
                FieldChange("zone", "changed", "East", None),
                "",
                [("before", [[1, "East"]], None), ("after", None, None)],
            ),
            (
                FieldChange("zone", "kept", "Far East", "Far East", "East", "East", "editor"),
                "kept for the editor",
                [("last sync", ["East"], None), ("editor", [[2, "Far "], "East"], "stays")],
            ),
            (
                FieldChange("zone", "conflict", "Far East", "East 2", "East", "East 2", "source"),
                "source and editor changed it",
                [
                    ("last sync", ["East"], None),
                    ("editor", [[2, "Far "], "East"], None),
                    ("source", ["East", [2, " 2"]], "is written"),
                ],
            ),
            (
                FieldChange("zone", "conflict", "Far East", "Far East", None, "East 2", "editor"),
                "source and editor changed it",
                [
                    ("last sync", None, None),
                    ("editor", [[2, "Far East"]], "stays"),
                    ("source", [[2, "East 2"]], None),
                ],
            ),
        ],
    )
    def test_the_sides_of_a_field(
        self, change: FieldChange, why: str, sides: list[tuple[str, object, str | None]]
    ) -> None:
        """A new or gone record has one side, a change two, what an editor touched also what the last sync wrote."""
        (record,) = json.loads("".join(records_json([row("updated", change)])))
        (field,) = record["fields"]
        assert field["why"] == why
        assert [(side["label"], side["pieces"], side.get("becomes")) for side in field["sides"]] == sides

    def test_remarks(self) -> None:
        """Why a record is skipped or rejected, and what another kind means; without an id or title it is empty text."""
        moved = row("unchanged", tags=("kind_changed", "unchanged"), record_id=1, message="And this.")
        nameless = row(
            "rejected", unique_id=None, title=None, table=None, floor=None, message="It has no uniqueId."
        )
        first, second = json.loads("".join(records_json([moved, nameless])))
        assert first["remarks"] == [
            "its category makes it one of dinings now; it stays in shops",
            "And this.",
        ]
        assert (second["id"], second["title"], second["table"], second["row"], second["floor"], second["remarks"]) == (
            "", "", "", None, "", ["It has no uniqueId."]
        )  # fmt: skip

    def test_no_text_can_end_the_data_or_disturb_its_source(self) -> None:
        """`<`, `>`, `&` and the two line separators are escapes of JSON; controls and directions are visible texts."""
        evil = "</script><img src=x onerror=alert(1)>&\u2028\u202e\x00"
        text = "".join(records_json([row("updated", title=evil)]))
        assert not set("<>&\u2028\u202e\x00") & set(text)
        assert json.loads(text)[0]["title"] == "</script><img src=x onerror=alert(1)>&\\u2028\\u202e\\x00"


class TestCharts:
    """Where the changes are."""

    def test_records_are_counted_by_place(self) -> None:
        """The fullest place first, then by name; records without a place last; without a name its id."""
        records = [
            row("created", floor=FLOOR),
            row("updated", floor=FLOOR),
            row("updated", floor=Reference(1, "1F")),
            row("updated", floor=Reference(9, None)),
            row("missing", floor=None),
            row("missing", floor=None),
        ]
        assert count_by("floor", records) == [
            ("3F", Counter(created=1, updated=1)),
            ("1F", Counter(updated=1)),
            ("id 9", Counter(updated=1)),
            ("no floor", Counter(missing=2)),
        ]

    def test_what_is_many_shares_a_bar(self) -> None:
        """After fifteen places the others are one."""
        records = [row("created", category=Reference(number, f"C{number:02}")) for number in range(20)]
        bars = count_by("category", records)
        assert [name for name, _ in bars[:2]] == ["C00", "C01"]
        assert bars[15:] == [("5 other categories", Counter(created=5))]

    def test_a_bar_says_in_words_what_it_shows(self) -> None:
        """Its parts begin where the ones before end, in the order of the legend; the table beside says the same."""
        text = page(
            plan(row("created"), row("updated"), row("updated"), row("skipped"), row("created", floor=None))
        )
        chart = text[text.index('<table class="chart"') : text.index("</table>")]
        assert words(chart) == (
            "Changes by floor Floor Records Total "
            "3F 1 created, 2 updated 1 created, 2 updated 3 no floor 1 created 1 created 1"
        )
        assert (
            re.findall(r'<svg viewBox="([^"]*)" preserveAspectRatio="none" aria-hidden="true">', chart)
            == ["0 0 3 10"] * 2
        )
        assert re.findall(r'<rect x="(\d)" y="0" width="(\d)" height="10" class="(\w+)">', chart) == [
            ("0", "1", "created"), ("1", "2", "updated"), ("0", "1", "created"),
        ]  # fmt: skip
        assert words(re.search(r'<ul class="legend".*?</ul>', text)[0]) == "created updated"  # type: ignore[index]


class TestPage:
    """The whole page."""

    def test_the_same_diff_gives_the_same_bytes(self) -> None:
        """Nothing in it depends on the clock or on chance."""
        assert page(plan(row("updated"))) == page(plan(row("updated")))

    def test_its_policy_names_its_own_style_and_script(self) -> None:
        """The hashes are those of what is inside; nothing else may run, and nothing may be fetched."""
        text = to_html(select(plan(), Selection()))
        parts = [re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)[0] for name in ("style", "script")]
        hashes = [f"sha256-{b64encode(sha256(part.encode()).digest()).decode()}" for part in parts]
        policy = f"default-src 'none'; style-src '{hashes[0]}'; script-src '{hashes[1]}'; img-src data:; base-uri 'none';"
        assert policy.replace("'", "&#x27;") in text
        assert not re.search(r"(?:src|href)=\"(?!data:,)", text)
        assert "url(" not in text
        assert "style=" not in text

    def test_head_totals_and_notes_of_a_plan(self) -> None:
        """What is synced into what, with which options, what it comes to, each figure with its meaning, the notes."""
        text = words(
            page(plan(row("updated"), found={"unmapped_floor": 2}, notes=("A sync would refuse this.",)))
        )
        assert text.startswith(
            "What a sync would change · snapshots/today iconsiam-etl · diff What a sync would change "
            "From snapshot snapshots/today · 500 records Into database the CMS "
            "How --missing keep --conflicts source A sync would write 1 row. Nothing was written. "
            "Note A sync would refuse this. Totals 0 created new rows, INACTIVE until reviewed "
            "1 updated 1 shops · 0 dinings rows with a changed field 0 inactivated"
        )
        assert (
            "2 unmapped floor labels that no floor fits 0 unmapped category labels that no category fits"
            in text
        )
        assert "Where updated Changes by floor" in text
        assert "0 kind changed other kind by category; stay put" in text

    def test_two_snapshots(self) -> None:
        """Newer and older side, no options, other words."""
        text = words(page(snapshots(row("changed"), row("rejected", table=None))))
        assert (
            "Newer the API now https://api.example/tenants · 2 records Older snapshot snapshots/old · 1 records"
            in text
        )
        assert "The snapshots differ." in text
        assert "0 unmapped floor labels that no floor fits, newly" in text
        assert " How " not in text

    def test_an_empty_plan(self) -> None:
        """It says so, in words; there is no table and no chart."""
        text = page(plan())
        assert "A sync would write nothing." in text
        assert "Source and CMS agree on every record: there is nothing to look at." in text
        assert "<table" not in text
        assert 'id="data"' not in text

    def test_snapshots_that_are_the_same(self) -> None:
        """It says so, in words."""
        text = page(snapshots())
        assert "The records of both are the same." in text
        assert "Every record is as it was: there is nothing to look at." in text

    def test_nothing_is_selected(self) -> None:
        """There are changes, but none that was asked for."""
        text = words(
            page(plan(row("updated")), Selection(only=frozenset({"created"}), fields=frozenset({"zone"})))
        )
        assert "Shown only created; fields zone. The totals are of the whole." in text
        assert "No record is what --only and --field ask for." in text
        assert "A sync would write 1 row." in text

    def test_what_the_limit_left_off_is_said(self) -> None:
        """Records by action, findings by code."""
        issues = tuple(
            Finding(f"T{n}", "warning", "unreadable_hours", None, "Not read.", None) for n in range(3)
        )
        found = plan(*(row("updated", unique_id=f"T{n}") for n in range(3)), issues=issues)
        text = words(page(found, Selection(limit=1)))
        assert "Shown at most 1 of each kind of change. The totals are of the whole." in text
        assert "Where Of the records that are shown, not of the whole. updated Changes by floor" in text
        assert "Left off by --limit: 2 updated. --limit 0 shows all." in text
        assert "unreadable hours 1 · 2 more left off by --limit Record Finding Value T0 Not read. –" in text

    def test_unmapped_labels_with_the_nearest_names(self) -> None:
        """Each label with its kind, how many records have it, an example, and what comes near."""
        unmapped = (
            Unmapped(
                "floor", "Roof <top>", 1200, "T1", (Nearest(1, "1F & up", 0.666), Nearest(2, "2F", 0.5))
            ),
            Unmapped("dinings", "Bistro", 1, "T2"),
        )
        text = page(plan(unmapped=unmapped))
        assert "Roof &lt;top&gt;" in text
        assert words(text).endswith(
            "Label Is a Records For example Nearest names "
            "Roof &lt;top&gt; floor 1,200 T1 1F &amp; up 67% 2F 50% Bistro category of dinings 1 T2 none comes near "
            f"Made by etl diff, iconsiam-etl {__version__}. Times are in UTC."
        )

    def test_findings_that_records_tell_already_are_left_out(self) -> None:
        """A conflict is shown at its record, an error as a rejected one; the others are listed by code."""
        issues = (
            Finding("T1", "warning", "conflict", "zone", "C.", None),
            Finding("T1", "error", "no_unique_id", None, "E.", None),
            Finding(None, "warning", "double_name", None, "Two floors have this name.", "<3F>"),
        )
        text = page(plan(row("updated"), issues=issues))
        assert words(text[text.index("Findings") :]).startswith(
            "Findings double name 1 Record Finding Value – Two floors have this name. &lt;3F&gt; Made by"
        )

    def test_findings_of_severity_info(self) -> None:
        """They are counted; --all shows them like the others."""
        found = plan(issues=(Finding("T1", "info", "value_kept", None, "It stays.", "zone"),))
        text = words(page(found))
        assert "Findings 1 more finding of severity info: --all shows them." in text
        assert "It stays." not in text
        assert "value kept 1 Record Finding Value T1 It stays. zone" in words(
            page(found, Selection(shows_info=True))
        )

    def test_every_text_of_the_feed_is_escaped(self) -> None:
        """In titles, names of places, notes, labels and findings, a tag is a text."""
        evil = '<img src=x onerror="alert(1)">'
        place = Reference(1, evil)
        found = plan(
            row(
                "updated",
                FieldChange("zone", "source", evil, evil + "!"),
                title=evil,
                floor=place,
                category=place,
            ),
            source=Side("snapshot", evil),
            notes=(evil,),
            issues=(Finding(evil, "warning", "odd", None, evil, evil),),
            unmapped=(Unmapped("floor", evil, 1, evil, (Nearest(1, evil, 1.0),)),),
        )
        assert "<img" not in to_html(select(found, Selection()))


class TestOutput:
    """Where the page goes."""

    def test_a_file_and_a_pipe_get_the_page(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """All records are shown unless a limit is given; what goes through a pipe is the same."""
        selected = select(plan(row("updated")), Selection())
        write_diff(selected, "html", str(tmp_path / "diff.html"))
        write_diff(selected, "html", None)
        assert (tmp_path / "diff.html").read_text(encoding="utf-8") == capsys.readouterr().out
        assert default_limit("html", None) == 0

    def test_a_terminal_gets_no_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The error says what to do, and comes before any work; a pipe is a place."""
        require_place("html", None)
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        require_place("text", None)
        with pytest.raises(ConfigError, match=r"Name a file: --format html -o diff\.html\.$"):
            require_place("html", None)

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        """It is said before any work."""
        require_place("html", str(tmp_path / "diff.html"))
        with pytest.raises(
            ConfigError, match=r"There is no folder .*/none for diff\.html\. Make it, or name another\."
        ):
            require_place("html", str(tmp_path / "none" / "diff.html"))
