"""What a move says, without a database."""

from dataclasses import replace

from etl.compare.model import Finding, Reference
from etl.contract.source_names import Origin
from etl.model.panel import Panel
from etl.move.model import Move, MovedField, MovedRow
from etl.report.move import show_move
from etl.runs.log import done_by_hand
from tests.support.page import drawn, links

ID = "20261124T060000Z-a1ffff"
ROW = MovedRow(
    "T1", "Nook\x1b[31m", "shops", 7, "dinings", None, "ACTIVE",
    (
        MovedField("title_en", "Nook", "Nook"),
        MovedField("category", Reference(1, "LUXURY"), Reference(12, "RESTAURANT")),
        MovedField("images_logo_id", "12", "12"),
        MovedField("promo", "ten", None),
    ),
)  # fmt: skip
LEFT = Finding("T1", "warning", "not_moved", None, "shops.promo does not go along.", "shops.promo: ten")
SHOWN = Move("T1", Origin("icon", "icon:"), "the mall", False, (ROW,), (LEFT,))
DONE = replace(SHOWN, rows=(replace(ROW, to_id=9),), sync_id=ID, seconds={"total": 0.21})


class TestPage:
    """The text."""

    def test_before_it_is_done(self) -> None:
        """What does not go along, what becomes of the old row, what changes, and what goes along as it is."""
        assert drawn(show_move(SHOWN), 100) == [
            "Move T1 from shops to dinings",
            "in   the mall",
            "! shops.promo does not go along.",
            "",
            "  T1  shops 7 → a new row of dinings  Nook\\x1b[31m",
            "    shops 7   status ACTIVE → INACTIVE",
            "    category  LUXURY (1) → RESTAURANT (12)",
            "    promo     ten → –",
            "    and goes along as it is:",
            "    title_en        Nook",
            "    images_logo_id  12",
            "",
            "Nothing was written. To do it: etl move T1 --yes",
        ]

    def test_after_it_is_done(self) -> None:
        """Its id comes first, and in the end the way back."""
        page = drawn(show_move(DONE), 120)
        assert page[0] == f"COMPLETED  {ID}  in 0.2 s"
        assert "  T1  shops 7 → dinings 9  Nook\\x1b[31m" in page
        assert page[-1] == f"look closer: etl runs {ID}; undo: etl rollback {ID}"

    def test_of_the_old_row(self) -> None:
        """Deleted, or INACTIVE already."""
        deleted = drawn(show_move(replace(SHOWN, is_deleting=True)), 100)
        assert "    shops 7   deleted, with its texts, links and hours" in deleted
        assert deleted[-1] == "Nothing was written. To do it: etl move T1 --yes --delete"
        asleep = drawn(show_move(replace(SHOWN, rows=(replace(ROW, status="INACTIVE"),))), 100)
        assert "    shops 7   stays INACTIVE" in asleep


def test_links_to_the_panel() -> None:
    """Both rows are links; there is none to a row that is not made yet, or that is deleted."""
    url = "https://cms.example.com/admin/collections"
    panel = Panel("https://cms.example.com/admin")
    assert links(show_move(replace(SHOWN, panel=panel))) == {"shops 7": f"{url}/shops/7"}
    done = replace(DONE, panel=panel)
    assert links(show_move(done)) == {"shops 7": f"{url}/shops/7", "dinings 9": f"{url}/dinings/9"}
    (row,) = replace(done, is_deleting=True).as_dict()["rows"]
    assert (row["from_url"], row["to_url"]) == (None, f"{url}/dinings/9")


def test_the_json() -> None:
    """The format's name and version, the rows with their fields, and what does not go along."""
    found = DONE.as_dict()
    assert (found["format"], found["version"], found["is_done"], found["sync_id"], found["source"]) == (
        "iconsiam-etl move", 1, True, ID, "icon",
    )  # fmt: skip
    assert found["rows"][0]["fields"][1] == {
        "field": "category",
        "before": {"id": 1, "name": "LUXURY"},
        "after": {"id": 12, "name": "RESTAURANT"},
    }
    assert found["findings"][0]["code"] == "not_moved"
    assert SHOWN.as_dict()["is_done"] is False


def test_in_the_log_of_runs() -> None:
    """One sentence wherever runs are listed; none for a run that is not done, or that is a sync."""
    run = {
        "command": "move",
        "status": "COMPLETED",
        "records_created": 2,
        "records_inactivated": 2,
        "records_deleted": 0,
    }
    options = {"moved": "T1", "to": "dinings"}
    assert done_by_hand(run, options) == "moved T1 to dinings: 2 rows made, 2 set INACTIVE"
    deleted = {**run, "records_created": 1, "records_inactivated": 0, "records_deleted": 1}
    assert done_by_hand(deleted, options) == "moved T1 to dinings: 1 row made, 1 deleted"
    assert done_by_hand({**run, "status": "FAILED"}, options) is None
    assert done_by_hand({**run, "command": "sync"}, {}) is None
