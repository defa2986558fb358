"""`etl explain`: one record, from raw text to CMS row, out of a snapshot and the database."""

import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from rich.cells import cell_len
from rich.console import Console

from etl.compare.model import Reference
from etl.db.connection import Postgres
from etl.errors import ConfigError, EtlError
from etl.explain.model import CmsRow, Explained, FieldState, Writer
from etl.explain.run import explain
from etl.extract.feed import ExtractRequest, fetch
from etl.model.panel import Panel
from etl.report.explain import show_explained
from etl.runtime.progress import LogProgress
from etl.runtime.timing import StageTimer
from tests.integration.test_diff_database import as_role
from tests.support.cms import legacy_row
from tests.support.page import links
from tests.support.patience import within
from tests.support.rollback import roll_back
from tests.support.sync import Mall, record, settings_for


def told(
    mall: Mall,
    unique_id: str,
    *,
    dsn: str = "",
    snapshot: str | None = None,
    limit: int = 10,
    alone: bool = False,
) -> Explained:
    """Run `etl explain`."""
    settings = settings_for(dsn or mall.database.dsn, mall.api.url, mall.folder, **mall.overrides)
    if alone:
        return explain(settings, None, unique_id, snapshot=snapshot, limit=limit)
    with Postgres(dsn or mall.database.dsn, "the CMS") as db:
        return explain(settings, db, unique_id, snapshot=snapshot, limit=limit)


def saved(mall: Mall, records: list[dict[str, Any]]) -> str:
    """Return the folder of a snapshot of these records that no run has loaded."""
    mall.api.records = records
    folder = mall.folder.parent / "other"
    settings = settings_for("", mall.api.url, folder)
    fetch(settings, settings.sources()[0], StageTimer(LogProgress()), ExtractRequest())
    (snapshot,) = folder.iterdir()
    return str(snapshot)


def text(found: Explained, width: int = 160) -> str:
    """Return what a person reads, without colours; runs of spaces are one."""
    page = StringIO()
    Console(file=page, width=width, highlight=False, no_color=True).print(show_explained(found))
    return page.getvalue()


def squeezed(found: Explained) -> str:
    """Return the text with every run of white space as one space."""
    return " ".join(text(found).split())


def only_row(found: Explained) -> CmsRow:
    """Return its only row in the CMS."""
    assert found.database is not None
    (row,) = found.database.rows
    return row


def field(found: Explained, name: str) -> FieldState:
    """Return a field of its only row."""
    (state,) = [state for state in only_row(found).fields if state.field == name]
    return state


class TestSource:
    """What the snapshot tells."""

    def test_from_raw_text_to_the_canonical_row(self, mall: Mall) -> None:
        """Raw fields, repairs, kind and its word, floor and category with their rules, the row."""
        raw = record(
            "T1",
            brandNameEn="Caf&amp;eacute;  Noir",
            categoryNameEn="Food &amp; Beverage",
            floor="Fl. G",
            note="x",
        )
        mall.sync([record("T0"), raw])
        source = told(mall, "T1").source
        assert source is not None
        (sent,) = source.raw
        assert (sent.position, sent.is_taken, sent.fields["brandNameEn"], sent.fields["note"]) == (
            2, True, "Caf&amp;eacute;  Noir", "x",
        )  # fmt: skip
        assert [(step.field, step.step, step.after) for step in sent.repairs] == [
            ("brandNameEn", "entities", "Caf&eacute;  Noir"),
            ("brandNameEn", "entities", "Café  Noir"),
            ("brandNameEn", "whitespace", "Café Noir"),
            ("categoryNameEn", "entities", "Food & Beverage"),
        ]
        befores = ["Caf&amp;eacute;  Noir", "Caf&eacute;  Noir", "Café  Noir", "Food &amp; Beverage"]
        assert [step.before for step in sent.repairs] == befores
        way = source.way
        assert (way.kind, way.kind_rule, way.kind_reason) == ("dinings", "category_en", "RESTAURANT")
        assert [(each.label, each.found.rule, each.found.name) for each in way.floors] == [
            ("Fl. G", "alias", "GF")
        ]
        assert (way.category.found.rule, way.category.found.name) == ("alias", "RESTAURANT")
        (row,) = way.rows
        assert (row["title_en"], row["hours"], row["slug_stem"]) == ("Café Noir", "10:00–22:00", "cafe-noir")

    def test_a_record_that_came_twice(self, mall: Mall) -> None:
        """Both are shown; the last was taken."""
        mall.sync([record("T1", unit="1"), record("T2"), record(" T1 ", unit="2")])
        source = told(mall, "T1").source
        assert source is not None
        assert [(raw.position, raw.is_taken, raw.fields["unit"]) for raw in source.raw] == [
            (1, False, "1"),
            (3, True, "2"),
        ]
        assert source.way.rows[0]["shop_number"] == "2"

    @pytest.mark.long
    def test_a_row_on_one_of_several_floors(self, mall: Mall) -> None:
        """The id of a copy leads to the record that it was made of, with all its rows; a record of its own comes first."""
        mall.sync([record("T1", floor="Fl. 3,4"), record("T1-5F"), record("T1-x")])
        found = told(mall, "T1-4F")
        assert found.source is not None
        assert found.source.source_unique_id == "T1"
        assert [row["unique_id"] for row in found.source.way.rows] == ["T1-3F", "T1-4F"]
        assert found.database is not None
        assert [row.unique_id for row in found.database.rows] == ["T1-3F", "T1-4F"]
        other = told(mall, "T1-5F").source
        assert other is not None
        assert (other.source_unique_id, other.raw[0].position) == ("T1-5F", 2)

    @pytest.mark.long
    def test_what_else_was_considered(self, mall: Mall) -> None:
        """A label that is part of several names: unmapped, with the candidates."""
        mall.database.execute("INSERT INTO floors (name) VALUES ('Wing 77'), ('Annex 77')")
        mall.sync([record("T1", floor="77", categoryNameEn="Zzz", categoryNameTh=None)])
        found = told(mall, "T1")
        assert found.source is not None
        assert found.source.way.floors[0].found.candidates == ("Annex 77", "Wing 77")
        codes = {issue.code for issue in found.source.way.issues}
        assert codes == {"unmapped_floor", "unmapped_category", "kind_by_default"}
        assert "also considered: " in squeezed(found)
        assert "'77': unmapped; is part of several names: Annex 77, Wing 77" in squeezed(found)

    def test_without_a_database(self, mall: Mall) -> None:
        """The snapshot alone: its own floors and categories; nothing of the CMS."""
        mall.sync([record("T1", floor="3")])
        found = told(mall, "T1", alone=True)
        assert found.source is not None
        assert (found.source.way.floors[0].found.name, found.database) == ("3F", None)
        assert found.notes == (
            "Told from a snapshot alone; with a database, also what the CMS has, and since when.",
        )

    def test_a_snapshot_without_floors(self, mall: Mall) -> None:
        """Nothing fits, and a note says why."""
        mall.sync([record("T1")])
        folder = next(mall.folder.iterdir())
        manifest = json.loads((folder / "manifest.json").read_text())
        for name in ("floors", "categories"):
            (folder / f"{name}.parquet").unlink()
            manifest["files"].pop(f"{name}.parquet", None)
        (folder / "manifest.json").write_text(json.dumps(manifest))
        found = told(mall, "T1", alone=True, snapshot=str(folder))
        assert "keeps no floors and categories" in found.notes[1]
        assert found.source is not None
        assert found.source.way.floors[0].found.rule == "unmapped"

    @pytest.mark.long
    def test_a_copy_whose_id_another_record_has(self, mall: Mall) -> None:
        """It is not a row of the record, with and without a database; the other record stays out of what is told."""
        feed = [
            record("T2", floor="Fl. 3,4"),
            record("T2-4F", floor="5F", zone="Own"),
            record("T2-4F", floor="6F"),
        ]
        mall.sync(feed)
        alone, found = told(mall, "T2", alone=True), told(mall, "T2")
        for each in (alone, found):
            assert each.source is not None
            assert [row["unique_id"] for row in each.source.way.rows] == ["T2-3F"]
            assert [issue.code for issue in each.source.way.issues] == ["derived_id_taken"]
        assert found.database is not None
        assert found.database.plan is not None
        assert found.database.issues is not None
        assert [(plan.action, plan.unique_id) for plan in found.database.plan] == [("rejected", "T2-4F")]
        assert [(issue.unique_id, issue.code) for issue in found.database.issues] == [
            ("T2", "derived_id_taken")
        ]
        assert "A sync would not load T2-4F: The copy of T2 for one of its floors would be named" in squeezed(
            found
        )
        assert [row.unique_id for row in found.database.rows] == ["T2-3F"]

    @pytest.mark.long
    def test_a_row_that_the_source_gives_no_longer(self, mall: Mall) -> None:
        """Its id leads to the record that it was made of; the row is not said to be up to date."""
        mall.sync([record("T1", floor="Fl. 3,4")])
        mall.sync([record("T1", floor="Fl. 4")])
        found = told(mall, "T1-3F")
        assert found.source is not None
        assert found.source.source_unique_id == "T1"
        assert found.notes == (
            "The source gives no row T1-3F any more; this is its record T1, of which that row was made.",
        )
        assert "The source's record gives no such row: a sync leaves it" in squeezed(found)

    @pytest.mark.long
    def test_hours_slug_and_near_names(self, mall: Mall) -> None:
        """What hours were read from, what the slug is made of, and names near to a label that fits nothing."""
        days = record(
            "T1",
            openingHours="Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00",
            categoryNameEn="Fashon",
            categoryNameTh=None,
        )
        free = record(
            "T2", openingHours="ask us", brandNameEn=None, shopNameEnglish=None, brandNameTh="ไอคอน"
        )
        none = record("T3", openingHours=None, brandNameEn="™", brandNameTh=None, shopNameThai=None)
        mall.sync([days, free, none])
        first, second, third = (told(mall, name, alone=True) for name in ("T1", "T2", "T3"))
        read = "hours Mon–Fri 10:00–21:00, Sat–Sun 10:00–22:00 'Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00'"
        assert read in squeezed(first)
        assert "slug brand-t1 from title_en; given once" in squeezed(first)
        assert "'Fashon / –': unmapped; fits nothing nearest: FASHION (86%), LUXURY (60%)" in squeezed(first)
        assert "hours as they came 'ask us': can't be read" in squeezed(second)
        assert "from title_th" in squeezed(second)
        assert "hours none there is no text" in squeezed(third)
        assert "slug shop-tenant-t3 from tenantId" in squeezed(third)

    def test_an_id_that_is_too_long(self, mall: Mall) -> None:
        """Such a record is rejected, and can't be asked for; the error says so."""
        long = "T" * 1_001
        mall.sync([record("T1"), record(long)])
        with pytest.raises(
            ConfigError, match="one of more than 1,000 bytes, is rejected and can't be asked for"
        ):
            told(mall, long, alone=True)

    def test_a_hostile_name_of_an_unknown_field(self, mall: Mall) -> None:
        """It is shown literally, and cut."""
        mall.sync([record("T1", **{"\x1b[31m" + "x" * 90: "1"})])
        page = text(told(mall, "T1", alone=True), 80)
        assert "\\x1b[31m" in page
        assert "\x1b" not in page
        assert max(map(cell_len, page.splitlines())) <= 80

    def test_what_was_really_sent(self, mall: Mall) -> None:
        """What looks like something else is shown as an escape, each repair with what it made of what."""
        raw = record(
            "T1",
            brandNameEn=" Caf\xa0e\u0301",
            zone="\u0e2a\u0e4d\u0e32",
            unit="x" * 300 + "&amp;" + "y" * 300,
        )
        mall.sync([raw])
        page = squeezed(told(mall, "T1", alone=True))
        assert "brandNameEn ' Caf\\xa0e\\u0301'" in page
        assert "zone \u0e2a\\u0e4d\u0e32" in page
        assert "brandNameEn nbsp ' Caf\\xa0e\\u0301' → ' Caf e\\u0301'" in page
        assert "brandNameEn trimmed ' Caf é' → 'Caf é'" in page
        (line,) = [
            line for line in text(told(mall, "T1", alone=True), 500).splitlines() if "entities" in line
        ]
        assert "x&amp;yyy" in line
        assert "x&yyy" in line

    def test_a_category_of_the_other_kind(self, mall: Mall) -> None:
        """Where only the other kind has a category that fits, it is told."""
        mall.sync([record("T1", categoryNameEn="Cafe supplies", categoryNameTh="แฟชั่น")])
        found = told(mall, "T1")
        assert found.source is not None
        other = next(iter({"shops", "dinings"} - {found.source.way.kind}))
        assert (found.source.way.category.found.id is None) == (f"category of {other} " in squeezed(found))


class TestByName:
    """A title, a slug, or a table and a number beside the uniqueId."""

    @pytest.mark.parametrize(
        "asked", ["Café  NOIR", "cafe noir", "fé noi", "cafe-noir", "SHOPS 1", "shops/1", "ไอคอน"]
    )
    def test_one_record(self, mall: Mall, asked: str) -> None:
        """Case, accents and runs of spaces don't count; a part of the title will do; a note says what it was taken for."""
        mall.sync([record("T1", brandNameEn="Café Noir", brandNameTh="ไอคอน"), record("T2")])
        found = told(mall, asked)
        assert (found.asked, found.unique_id, only_row(found).unique_id) == (asked, "T1", "T1")
        assert found.notes == (f"{asked!r} is T1: Café Noir, shops 1.",)

    def test_an_id_comes_first(self, mall: Mall) -> None:
        """What is a uniqueId is no title; its place in a list of titles does not matter."""
        mall.sync([record("T1", brandNameEn="T2"), record("T2")])
        found = told(mall, "T2")
        assert (found.unique_id, found.notes) == ("T2", ())

    def test_several(self, mall: Mall) -> None:
        """They are listed with the commands to paste, a title that is just that before those that hold it; exit 2."""
        mall.sync(
            [
                record("T1", brandNameEn="Tea House"),
                record("T 2", brandNameEn="House of tea"),
                record("T3", brandNameEn="HOUSE"),
            ]
        )
        with pytest.raises(ConfigError) as caught:
            told(mall, "tea")
        assert str(caught.value) == (
            "2 records fit 'tea'. Which one is it?\n"
            "  etl explain 'T 2'    House of tea, shops 2\n"
            "  etl explain T1    Tea House, shops 1"
        )
        assert caught.value.exit_code == 2
        assert told(mall, "house").unique_id == "T3"

    def test_rows_of_one_record(self, mall: Mall) -> None:
        """The rows of one record on several floors are one answer."""
        mall.sync([record("T1", floor="Fl. 3,4", brandNameEn="Twice")])
        found = told(mall, "twice")
        assert found.unique_id == "T1"
        assert found.database is not None
        assert [row.unique_id for row in found.database.rows] == ["T1-3F", "T1-4F"]

    def test_an_editors_title(self, mall: Mall) -> None:
        """The title in the CMS finds the record as the source's does, in each language."""
        mall.sync([record("T1", brandNameEn="Old name")])
        mall.edit_texts("T1", "zh", title="更好的标题")
        assert told(mall, "更好的标题").unique_id == told(mall, "old name").unique_id == "T1"

    def test_without_a_database(self, mall: Mall) -> None:
        """The snapshot alone knows title and slug, and no number."""
        mall.sync([record("T1", brandNameEn="Café Noir"), record("T2", floor="Fl. 3,4", brandNameEn="Twice")])
        assert told(mall, "cafe-noir", alone=True).notes[0] == "'cafe-noir' is T1: Café Noir."
        assert told(mall, "TWICE", alone=True).unique_id == "T2"
        with pytest.raises(
            ConfigError,
            match=r"No record is called 'shops 1' in the snapshot .*, by uniqueId, title or slug.",
        ):
            told(mall, "shops 1", alone=True)

    def test_a_row_without_an_id(self, mall: Mall) -> None:
        """An editor's own row is no record of the source: that is said."""
        mall.sync([record("T1")])
        number = legacy_row(mall.database, None, table="dinings", slug="own")
        with pytest.raises(
            ConfigError, match=f"dinings {number} has no unique_id: it is no record of the source"
        ):
            told(mall, f"dinings {number}")


class TestDatabase:
    """What the database tells."""

    def test_who_wrote_each_field_last(self, any_mall: Mall) -> None:
        """A run, an editor after a run, and an editor where no run ever wrote."""
        first = any_mall.sync([record("T1", website=None, zone="East")])
        second = any_mall.sync([record("T1", website=None, zone="West")])
        any_mall.edit_texts("T1", "en", title="An editor's")
        any_mall.edit("T1", contact_info_website="https://editor.example")
        found = told(any_mall, "T1")
        at = field(found, "zone").writer.at
        assert field(found, "zone").writer == Writer("run", second.sync_id, at, "sync")
        assert (field(found, "zone").base, field(found, "zone").cms) == ("West", "West")
        title = field(found, "title_en")
        assert (title.base, title.cms, title.writer.who, title.writer.sync_id) == (
            "Brand T1", "An editor's", "editor", first.sync_id,
        )  # fmt: skip
        assert field(found, "website").writer == Writer("earlier")
        assert field(found, "floor").cms == Reference(6, "1F")
        assert "last synced: Brand T1 the source: Brand T1 a sync leaves what the CMS has" in squeezed(found)
        assert f"an editor, after {first.sync_id}" in squeezed(found)

    def test_a_conflict_and_what_a_sync_would_do(self, mall: Mall) -> None:
        """The next snapshot changes what an editor changed too: both are told, and who would win."""
        mall.sync([record("T1")])
        mall.edit_texts("T1", "en", title="An editor's")
        found = told(mall, "T1", snapshot=saved(mall, [record("T1", brandNameEn="New")]))
        assert found.database is not None
        assert found.database.plan is not None
        assert [(plan.action, plan.tags) for plan in found.database.plan] == [
            ("updated", ("conflict", "updated"))
        ]
        assert "the source: New a sync conflict: takes the source's" in squeezed(found)
        assert "A sync of this record would update it." in squeezed(found)

    def test_nothing_to_do(self, mall: Mall) -> None:
        """After a sync, a sync of the record would change nothing; nothing was written."""
        mall.sync([record("T1")])
        before = mall.fingerprint()
        found = told(mall, "T1")
        assert found.database is not None
        assert found.database.plan == ()
        assert "A sync of this record would change nothing." in squeezed(found)
        assert mall.fingerprint() == before

    def test_a_row_that_another_job_made(self, mall: Mall) -> None:
        """No run of ours knows it: its values were there before; its hidden link is the earlier job's."""
        mall.sync([record("T0")])
        legacy_row(mall.database, "T9")
        found = told(mall, "T9")
        row = only_row(found)
        assert (row.has_base, row.first_sync_id, found.source) == (False, None, None)
        assert {state.writer.who for state in row.fields} == {"earlier"}
        assert [(link.path, link.is_jobs) for link in row.links] == [("/", True)]
        assert "no sync of this job wrote it" in squeezed(found)
        assert "FASHION (2): made by the job, which the CMS never shows" in squeezed(found)

    def test_a_row_that_is_skipped_with_an_editors_link(self, mall: Mall) -> None:
        """skip_sync and links of an editor are told."""
        mall.sync([record("T1")])
        mall.edit("T1", skip_sync=True)
        mall.database.execute(
            'INSERT INTO shops_rels ("order", parent_id, path, categories_id) '
            "SELECT 2, id, 'categories', %s FROM shops",
            mall.category_id("BEAUTY"),
        )
        found = squeezed(told(mall, "T1"))
        assert "skip sync ticked: no sync touches it" in found
        assert "BEAUTY (3): made by an editor, never touched" in found
        assert "A sync of this record would skip it: skip sync is ticked in the CMS." in found

    def test_a_record_that_left(self, mall: Mall) -> None:
        """It is not in the latest snapshot; the row, since when, and the runs are told."""
        mall.sync([record("T1"), record("T2")])
        mall.sync([record("T2")])
        found = told(mall, "T1")
        assert found.source is None
        assert "has no such record" in found.notes[0]
        assert only_row(found).missing_since is not None
        assert found.database is not None
        assert [len(run.issues) for run in found.database.history] == [1, 0]

    @pytest.mark.long
    def test_its_history_under_another_id(self, mall: Mall) -> None:
        """A row that was carried over has the runs of both ids; newest first, as many as asked for."""
        first = mall.sync([record("T1", floor="3")])
        second = mall.sync([record("T1", floor="3,4")])
        found = told(mall, "T1-3F")
        assert found.database is not None
        assert [run.sync_id for run in found.database.history] == [second.sync_id, first.sync_id]
        assert [change["action"] for change in found.database.history[1].changes] == ["created"]
        assert "unique_id: T1 → T1-3F" in squeezed(found)
        limited = told(mall, "T1-3F", limit=1)
        assert limited.database is not None
        assert (len(limited.database.history), limited.database.runs_left_off) == (1, 1)
        assert "History 1 more (--limit 0 shows all)" in squeezed(limited)

    def test_a_record_that_is_not_loaded_yet(self, mall: Mall) -> None:
        """In the snapshot only: no row, and a sync would create it."""
        mall.sync([record("T1")])
        mall.database.execute("TRUNCATE etl.tenants_base, shops CASCADE")
        mall.database.execute("DELETE FROM etl.sync_changes")
        found = squeezed(told(mall, "T1"))
        assert "the CMS has no row of it" in found
        assert "A sync would create T1 in shops" in found
        assert "no run changed it or had anything to say of it" in found

    def test_a_field_that_is_new(self, mall: Mall) -> None:
        """Where neither base nor CMS has a value, what the source gives now is told."""
        mall.sync([record("T1", website=None)])
        page = squeezed(told(mall, "T1", snapshot=saved(mall, [record("T1", website="https://new.example")])))
        assert "website – the source: https://new.example a sync takes the source's" in page

    def test_a_kind_that_changed(self, mall: Mall) -> None:
        """The category of the table where the row lives is told too, and that the row stays there."""
        mall.sync([record("T1")])
        mall.sync([record("T1", categoryNameEn="Restaurant")])
        page = squeezed(told(mall, "T1"))
        assert "kind dinings the English label is the category RESTAURANT" in page
        assert "category of shops " in page
        assert (
            "kind changed T1 The category now says dinings, but the record lives in shops and stays there"
            in page
        )
        assert "A sync of this record would change nothing." in page

    def test_what_a_rollback_wrote(self, mall: Mall) -> None:
        """A value that a rollback put back: the rollback wrote it, and a sync leaves it."""
        mall.sync([record("T1", zone="East")])
        second = mall.sync([record("T1", zone="West")])
        back = roll_back(mall, second.sync_id).sync_id
        found = told(mall, "T1")
        writer = field(found, "zone").writer
        assert (field(found, "zone").cms, writer.who, writer.sync_id, writer.command) == (
            "East", "run", back, "rollback",
        )  # fmt: skip
        assert "the source: West a sync leaves what the CMS has" in squeezed(found)
        assert found.database is not None
        assert [run.command for run in found.database.history] == ["rollback", "sync", "sync"]

    def test_a_role_that_may_only_read(self, mall: Mall) -> None:
        """SELECT is enough; what a sync would do needs TEMPORARY, and a note says so."""
        mall.sync([record("T1")])
        role = f"reader_{uuid4().hex}"
        (name,) = mall.database.query("SELECT current_database() AS name")
        mall.database.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'reader'")
        try:
            mall.database.execute(f"REVOKE TEMPORARY ON DATABASE {name['name']} FROM PUBLIC")
            for schema in ("public", "etl"):
                mall.database.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
                mall.database.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}")
            found = told(mall, "T1", dsn=as_role(mall.database.dsn, role))
        finally:
            mall.database.execute(f"DROP OWNED BY {role}")
            mall.database.execute(f"DROP ROLE {role}")
        assert found.database is not None
        assert (found.database.plan, only_row(found).unique_id) == (None, "T1")
        assert "the role may not make temporary tables" in found.notes[0]
        assert "A sync of this record" not in squeezed(found)


class TestNotFound:
    """What is said where nothing is known."""

    def test_near_ids(self, mall: Mall) -> None:
        """An id that is in neither: exit 2, where it was looked for, and ids that hold it."""
        mall.sync(
            [
                record(name, brandNameEn="A", brandNameTh=None, shopNameThai=None)
                for name in ("T100", "T101", "X")
            ]
        )
        with pytest.raises(ConfigError, match="Is it one of these: 'T100', 'T101'") as caught:
            told(mall, "t10")
        assert "No record is called 't10' in the snapshot " in str(caught.value)
        assert "or the CMS, by uniqueId, title or slug." in str(caught.value)

    def test_near_ids_of_the_database(self, mall: Mall) -> None:
        """Rows that are in no snapshot are near too; signs of an id are meant literally there as well."""
        mall.sync([record("X")])
        for unique_id in ("L [9]+.a", "L9a"):
            legacy_row(mall.database, unique_id)
        with pytest.raises(ConfigError, match=re.escape("Is it one of these: 'L [9]+.a'?")):
            told(mall, "l [9]+.b")

    @pytest.mark.parametrize("unique_id", [" ", "T1\udcff"])
    def test_what_is_no_id(self, mall: Mall, unique_id: str) -> None:
        """A blank, and bytes that are not text, are refused before anything is read."""
        with pytest.raises(ConfigError, match="RECORD is blank or no text"):
            told(mall, unique_id)

    def test_a_newest_snapshot_that_is_broken(self, mall: Mall) -> None:
        """A note says so, and only the database is told."""
        mall.sync([record("T1")])
        mall.database.execute("UPDATE etl.sync_logs SET snapshot = NULL")
        next(mall.folder.iterdir()).joinpath("manifest.json").write_text("{")
        found = told(mall, "T1")
        assert found.source is None
        assert found.notes[0].startswith("The newest snapshot in SNAPSHOT_DIR can't be read: ")

    def test_a_snapshot_that_is_gone(self, mall: Mall) -> None:
        """The latest run's snapshot was removed: the newest is taken, and a note says so."""
        mall.sync([record("T1")])
        mall.sync([record("T1")])
        newest = sorted(mall.folder.iterdir())[-1]
        mall.database.execute("UPDATE etl.sync_logs SET snapshot = '/nowhere/x'")
        found = told(mall, "T1")
        assert found.source is not None
        assert found.source.snapshot.endswith(newest.name)
        assert "can't be read" in found.notes[0]

    def test_no_snapshot_at_all(self, mall: Mall) -> None:
        """Only the database is told, with a note."""
        mall.sync([record("T1")])
        mall.database.execute("UPDATE etl.sync_logs SET snapshot = NULL")
        mall.folder = mall.folder / "none"
        found = told(mall, "T1")
        assert found.source is None
        assert only_row(found).unique_id == "T1"
        assert "There is no snapshot to look in" in found.notes[0]
        with pytest.raises(ConfigError, match="in any snapshot"):
            told(mall, "T1", alone=True)

    def test_a_named_snapshot_that_is_none(self, mall: Mall) -> None:
        """A named one that can't be read is an error."""
        mall.sync([record("T1")])
        with pytest.raises(EtlError, match="nowhere"):
            told(mall, "T1", snapshot="/nowhere")


DOCUMENT = Path(__file__).parents[2] / "docs" / "explain-json.md"


def test_the_document_tells_of_every_key(mall: Mall) -> None:
    """Each key of the JSON stands in docs/explain-json.md."""
    mall.sync([record("T1", categoryNameEn="Zzz", categoryNameTh=None, brandNameEn="A &amp; B", floor="F")])
    mall.edit("T1", contact_info_phone="1")
    words = DOCUMENT.read_text("utf-8")
    data = json.loads(json.dumps(told(mall, "T1").as_dict()))
    assert (data["format"], data["version"]) == ("iconsiam-etl explain", 1)
    assert [key for key in sorted(_keys(data)) if f"`{key}`" not in words] == []


def test_rows_are_links_to_the_panel(mall: Mall) -> None:
    """The row, what a sync would do to it, and what runs did: in JSON, and on a terminal that knows links."""
    mall.sync([record("T1")])
    found = replace(told(mall, "T1"), panel=Panel("https://cms.example.com/admin"))
    database = found.as_dict()["database"]
    url = f"https://cms.example.com/admin/collections/shops/{database['rows'][0]['id']}"
    assert database["rows"][0]["url"] == url
    assert [each["url"] for run in database["history"] for each in run["changes"]] == [url]
    assert set(links(show_explained(found)).values()) == {url}


_OPEN = {"fields", "rows", "before", "after", "conflicts"}


def _keys(value: Any) -> set[str]:
    """Return the keys of nested objects; those whose keys are fields of the data are left out."""
    if isinstance(value, list):
        return set().union(*map(_keys, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    inner = [item for key, item in value.items() if key not in _OPEN or isinstance(item, list)]
    return set(value) | set().union(*map(_keys, inner)) - {
        name for row in value.get("rows", []) for name in row
    }


@pytest.mark.parametrize("width", [80, 100, 200])
def test_no_line_is_wider_than_the_terminal(mall: Mall, width: int) -> None:
    """Long and hostile texts are folded, and control characters shown as escapes."""
    mall.sync([record("T1", descriptionEn="word " * 200, brandNameEn="\x1b[31mred", zone="x" * 300)])
    page = text(told(mall, "T1"), width)
    assert max(map(cell_len, page.splitlines())) <= width
    assert "\x1b" not in page


@pytest.mark.long
def test_a_record_that_changed_every_hour_for_two_years(mall: Mall) -> None:
    """Its thousands of changes are not joined with each other: an explanation takes less than 5 s (it took 104)."""
    mall.sync([record("T1")])
    mall.database.execute(
        "INSERT INTO etl.sync_logs (sync_id, status, started_at, version) "
        "SELECT 'H' || hour, 'COMPLETED', now() - hour * interval '1 hour', '0' FROM generate_series(1, 17520) AS hour"
    )
    mall.database.execute(
        "INSERT INTO etl.sync_changes (sync_id, unique_id, record_table, record_id, action, before, after) "
        "SELECT 'H' || hour, 'T1', 'shops', 1, 'updated', jsonb_build_object('phone', hour::text), "
        "jsonb_build_object('phone', (hour - 1)::text) FROM generate_series(1, 17520) AS hour"
    )
    with within(5):
        found = told(mall, "T1")
    assert found.database is not None
    assert found.database.runs_left_off > 17_000
