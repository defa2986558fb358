"""What `etl move` refuses, in words, and what it says of what does not go along."""

from typing import Any

import pytest

from etl.contract.source_names import Origin
from etl.db.connection import Postgres
from etl.errors import ConfigError, ContractError, GuardError, LockError
from etl.runs.lock import SourceLock
from tests.integration.test_move import dining, shop, worked_on
from tests.support.cms import legacy_row
from tests.support.move import changed, move_record, said
from tests.support.sync import Mall


def refusal(mall: Mall, unique_id: str = "T1", **options: Any) -> str:
    """Return why a move is refused; nothing is written, and there is no run."""
    fingerprint, runs = mall.fingerprint(), mall.database.query("SELECT count(*) FROM etl.sync_logs")
    with pytest.raises((ConfigError, ContractError, GuardError)) as caught:
        move_record(mall, unique_id, **options)
    assert (mall.fingerprint(), mall.database.query("SELECT count(*) FROM etl.sync_logs")) == (
        fingerprint,
        runs,
    )
    return str(caught.value)


class TestRefused:
    """Nothing is written."""

    def test_an_unknown_id(self, mall: Mall) -> None:
        """Ids like it are named."""
        mall.sync([shop("T1000")])
        assert refusal(mall, "T1001") == (
            "No record is called 'T1001' in the mall. Is it one of these: 'T1000'?"
        )

    def test_a_row_that_no_sync_knows(self, mall: Mall) -> None:
        """A row of the earlier job, before the first sync."""
        legacy_row(mall.database, "T9", links=())
        assert refusal(mall, "T9") == (
            "No sync has loaded 'T9' yet, so nobody knows which kind it is; the CMS has it as shops 1. "
            "Run `etl sync`, then move it. Nothing was written."
        )

    def test_of_that_kind_already(self, mall: Mall) -> None:
        """A shop that is a shop."""
        mall.sync([shop()])
        assert refusal(mall) == (
            "T1 is a shop by what the last sync knew, and its row is in shops already: there is nothing to move. "
            "Nothing was written."
        )

    @pytest.mark.parametrize("label", ["Something new", None])
    def test_a_label_that_says_nothing(self, mall: Mall, label: str | None) -> None:
        """It makes no shop of a dining: the default is for new records."""
        mall.sync([dining()])
        mall.sync([dining(categoryNameEn=label)])
        assert refusal(mall).startswith(
            "T1 is a dining by what the last sync knew, and its row is in dinings already"
        )

    def test_moved_already(self, mall: Mall) -> None:
        """A second move has nothing to do."""
        worked_on(mall)
        move_record(mall, "T1")
        assert refusal(mall).startswith(
            "T1 is a dining by what the last sync knew, and its row is in dinings already"
        )

    def test_a_row_that_is_gone(self, mall: Mall) -> None:
        """An editor deleted it; the next sync makes it anew in the right table."""
        worked_on(mall)
        mall.database.execute("DELETE FROM shops")
        assert refusal(mall) == (
            "shops 1, the row of T1, is gone from the CMS: there is nothing to move. The next sync makes the record in "
            "dinings. Nothing was written."
        )

    def test_a_row_under_another_number(self, mall: Mall) -> None:
        """No sync has met it yet."""
        worked_on(mall)
        mall.database.execute("DELETE FROM shops")
        legacy_row(mall.database, "T1", links=())
        assert refusal(mall) == (
            "shops 1, the row of T1 that the last sync knew, is gone from the CMS; shops 2 has its id now. Run `etl sync`, "
            "which gets to know it. Nothing was written."
        )

    def test_skip_sync(self, mall: Mall) -> None:
        """What an editor took out of the job's hands."""
        worked_on(mall)
        mall.edit("T1", skip_sync=True)
        assert refusal(mall) == (
            "skip sync is ticked for shops 1 (T1) in the CMS: the row is not touched. Untick it first. Nothing was written."
        )

    def test_two_rows_in_use(self, mall: Mall) -> None:
        """Payload's duplicate of a row."""
        worked_on(mall)
        legacy_row(mall.database, "T1", links=())
        assert refusal(mall) == (
            "shops 1 is not the only row of T1 in use: shops 2 has the same unique_id. Which one is meant is for "
            "an editor to say: delete the other one, or set it INACTIVE. Nothing was written."
        )
        mall.database.execute("UPDATE shops SET status = 'INACTIVE' WHERE id = 2")
        assert move_record(mall, "T1").rows[0].from_id == 1

    def test_a_row_of_the_id_in_the_other_table(self, mall: Mall) -> None:
        """Whatever its status."""
        worked_on(mall)
        legacy_row(mall.database, "T1", table="dinings", links=(), status="INACTIVE")
        assert refusal(mall) == (
            "dinings 1 has the unique_id T1 already. Delete it in the CMS, or give it another unique_id. "
            "Nothing was written."
        )

    def test_back_by_a_move(self, mall: Mall) -> None:
        """The old row of a move is in the way, and the way back is named."""
        worked_on(mall)
        done = move_record(mall, "T1")
        mall.sync([shop()])
        assert refusal(mall) == (
            f"shops 1 has the unique_id T1 already. A move left it: to undo that, roll it back "
            f"(etl rollback {done.sync_id}). Nothing was written."
        )

    def test_a_record_that_left_the_source(self, mall: Mall) -> None:
        """Nothing says what it is now."""
        mall.sync([shop(), shop("T2")])
        mall.sync([dining(), shop("T2")])
        mall.sync([shop("T2")], force=True)
        assert refusal(mall) == (
            "T1 has left the source, so nobody knows which kind it is now: it stays where it is. Nothing was written."
        )

    @pytest.mark.long
    def test_another_run_is_under_way(self, mall: Mall) -> None:
        """It has the lock of the source."""
        worked_on(mall)
        fingerprint = mall.fingerprint()
        with Postgres(mall.dsn) as other:
            SourceLock(other, Origin()).take(0)
            with pytest.raises(LockError, match="Another run is under way"):
                move_record(mall, "T1")
        assert mall.fingerprint() == fingerprint

    def test_deleting_what_is_named(self, mall: Mall) -> None:
        """With --delete nothing may point at the old row."""
        worked_on(mall)
        mall.database.execute("INSERT INTO dinings (unique_id) VALUES ('T7')")
        mall.database.execute(
            "INSERT INTO dinings_rels (\"order\", parent_id, path, shops_id) VALUES (1, 1, 'near', 1)"
        )
        assert refusal(mall, delete=True) == (
            "dinings_rels.shops_id names shops 1 (1 times), so it is not deleted. Move the record without --delete: "
            "the row is then set INACTIVE, and what names it stays whole. Nothing was written."
        )
        done = move_record(mall, "T1")
        assert said(done) == [
            "dinings_rels.shops_id names the old row, shops 1, 1 times, and goes on doing so."
        ]
        assert mall.issues(str(done.sync_id)) == [("T1", "not_moved")]


class TestLeft:
    """What does not go along is said."""

    def test_no_category_of_the_other_kind(self, mall: Mall) -> None:
        """The new row has no link to one."""
        mall.sync([shop()])
        mall.sync([shop(categoryNameEn="Food court nowhere")])
        done = move_record(mall, "T1")
        assert said(done) == [
            "No category of dinings fits the record's labels by the last sync: the new row has no link to one."
        ]
        assert mall.links("T1", "dinings") == []
        assert "kind_changed" not in mall.sync().issues

    def test_a_slug_that_is_taken(self, mall: Mall) -> None:
        """The new row gets the first free number."""
        mall.sync([shop(), dining("T2"), dining("T3")])
        mall.database.execute("UPDATE dinings SET slug = 'brand-t1' WHERE unique_id = 'T2'")
        mall.database.execute("UPDATE dinings SET slug = 'brand-t1-2' WHERE unique_id = 'T3'")
        mall.sync([dining(), dining("T2"), dining("T3")])
        done = move_record(mall, "T1")
        assert changed(done)["slug"] == ("brand-t1", "brand-t1-3")
        assert (mall.row("T1", "dinings")["slug"], said(done)) == (
            "brand-t1-3",
            ["Another row of dinings has the slug brand-t1; the new row has brand-t1-3."],
        )

    def test_an_editors_links_to_categories(self, mall: Mall) -> None:
        """One of the old kind stays on the old row; one of the new kind goes along, and is the editor's still."""
        worked_on(mall)
        for order, name in enumerate(("LUXURY", "RESTAURANT"), start=2):
            mall.database.execute(
                "INSERT INTO shops_rels (\"order\", parent_id, path, categories_id) VALUES (%s, 1, 'categories', %s)",
                order, mall.category_id(name),
            )  # fmt: skip
        done = move_record(mall, "T1")
        assert said(done) == ["Links to categories of shops stay on the old row, shops 1: LUXURY."]
        assert mall.links("T1", "dinings") == [(3, "categories", "RESTAURANT")]
        mall.sync([dining(categoryNameEn="Cafe & Bakery")])
        assert mall.links("T1", "dinings") == [
            (3, "categories", "RESTAURANT"),
            (4, "categories", "CAFE & BAKERY"),
        ]

    def test_columns_of_one_table_only(self, mall: Mall) -> None:
        """A column of both, whatever release it is of, goes along; one that the other table does not have is told."""
        worked_on(mall)
        mall.database.execute(
            "ALTER TABLE shops ADD COLUMN promo varchar, ADD COLUMN size numeric; "
            "ALTER TABLE dinings ADD COLUMN promo varchar, ADD COLUMN table_count int DEFAULT 4; "
            "ALTER TABLE shops_locales ADD COLUMN hint varchar; ALTER TABLE dinings_locales ADD COLUMN hint varchar; "
            "UPDATE shops SET promo = 'ten', size = 12.50; UPDATE shops_locales SET hint = 'of ' || _locale"
        )
        done = move_record(mall, "T1")
        row = mall.row("T1", "dinings")
        assert (row["promo"], row["table_count"], mall.texts("T1", "zh", "dinings")["hint"]) == (
            "ten",
            4,
            "of zh",
        )
        assert said(done) == [
            "shops.size does not go along: dinings has no such thing. It stays on the old row, shops 1."
        ]
        assert changed(done)["size"] == ("12.50", None)


class TestOtherTables:
    """Lists that a CMS keeps in tables of their own."""

    def make(self, mall: Mall, *tables: str) -> None:
        """Make a gallery whose pictures have texts, for each table."""
        for table in tables:
            mall.database.execute(
                f"CREATE TABLE {table}_gallery (_order int NOT NULL, _parent_id int NOT NULL REFERENCES {table} "
                f"ON DELETE CASCADE, id varchar PRIMARY KEY, image_id int); "
                f"CREATE TABLE {table}_gallery_locales (id serial PRIMARY KEY, _locale _locales, _parent_id varchar "
                f"REFERENCES {table}_gallery ON DELETE CASCADE, caption varchar)"
            )
        mall.database.execute(
            "INSERT INTO shops_gallery VALUES (1, 1, 'aa', 10), (2, 1, 'bb', 20); "
            "INSERT INTO shops_gallery_locales (_locale, _parent_id, caption) VALUES ('en', 'bb', 'Second')"
        )

    def grant(self, mall: Mall, *tables: str) -> None:
        """Give the job's role all rights on them."""
        for table in tables:
            mall.database.execute(f"GRANT ALL ON {table} TO etl_sync")
            if table.endswith("_locales"):
                mall.database.execute(f"GRANT ALL ON SEQUENCE {table}_id_seq TO etl_sync")

    def test_they_go_along(self, mall: Mall) -> None:
        """With the parts of their parts."""
        worked_on(mall)
        self.make(mall, "shops", "dinings")
        self.grant(
            mall, *(f"{table}_gallery{part}" for table in ("shops", "dinings") for part in ("", "_locales"))
        )
        done = move_record(mall, "T1")
        found = mall.database.query(
            "SELECT g._order, g._parent_id, g.image_id, l._locale::text, l.caption FROM dinings_gallery g "
            "LEFT JOIN dinings_gallery_locales l ON l._parent_id = g.id ORDER BY 1"
        )
        assert [tuple(row.values()) for row in found] == [(1, 1, 10, None, None), (2, 1, 20, "en", "Second")]
        fields = {each.field: each.after for each in done.rows[0].fields}
        assert (fields["shops_gallery"], fields["shops_gallery_locales"], said(done)) == (
            "2 rows",
            "1 rows",
            [],
        )

    def test_they_stay_where_the_other_kind_has_none(self, mall: Mall) -> None:
        """And that is told."""
        worked_on(mall)
        self.make(mall, "shops")
        self.grant(mall, "shops_gallery", "shops_gallery_locales")
        done = move_record(mall, "T1")
        assert said(done) == [
            "shops_gallery does not go along: dinings has no such thing. It stays on the old row, shops 1.",
            "shops_gallery_locales does not go along: dinings has no such thing. It stays on the old row, shops 1.",
        ]

    def test_without_the_rights(self, mall: Mall) -> None:
        """Refused with the right that is missing: what an editor filled is never left out for want of one."""
        worked_on(mall)
        self.make(mall, "shops", "dinings")
        assert refusal(mall).startswith(
            "The role may not read shops_gallery, shops_gallery_locales, which may hold parts"
        )
        mall.database.execute("GRANT SELECT ON shops_gallery, shops_gallery_locales TO etl_sync")
        assert refusal(mall).startswith(
            "shops_gallery has rows of the record, and the role may not add them to dinings_gallery."
        )
        self.grant(
            mall, *(f"{table}_gallery{part}" for table in ("shops", "dinings") for part in ("", "_locales"))
        )
        assert refusal(mall, delete=True).startswith(
            "shops_gallery has rows of the record, which a rollback could not"
        )


class TestFloors:
    """A record with a row on each of its floors."""

    @pytest.mark.parametrize("asked", ["T1", "T1-3F"])
    def test_all_its_rows_move_together(self, mall: Mall, asked: str) -> None:
        """The kind is the record's, whichever row is named."""
        mall.sync([shop(floor="3,4")])
        mall.sync([dining(floor="3,4")])
        done = move_record(mall, asked)
        assert (done.record, [row.unique_id for row in done.rows]) == ("T1", ["T1-3F", "T1-4F"])
        rows = mall.database.query("SELECT unique_id, id FROM dinings ORDER BY id")
        assert [tuple(row.values()) for row in rows] == [("T1-3F", 1), ("T1-4F", 2)]
        assert mall.sync().issues == {}

    def test_a_row_that_an_editor_deleted_stays_deleted(self, mall: Mall) -> None:
        """The other one moves."""
        mall.sync([shop(floor="3,4")])
        mall.database.execute("DELETE FROM shops WHERE unique_id = 'T1-4F'")
        mall.sync()
        mall.sync([dining(floor="3,4")])
        done = move_record(mall, "T1")
        assert [row.unique_id for row in done.rows] == ["T1-3F"]
        mall.sync()
        assert [row["unique_id"] for row in mall.database.query("SELECT unique_id FROM dinings")] == ["T1-3F"]
