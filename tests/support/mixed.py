"""A story in which everything happens at once: shops and dinings with equal ids, and changes of all kinds in one run.

Shop `S7` and dining `D7` are both number 7 in their tables. A statement that takes one table's number for the other's
changes a row that it should leave, and the tests read every row.
"""

from dataclasses import asdict, dataclass
from typing import Any

from etl.model.results import SyncResult
from etl.rollback.model import Rollback
from tests.support.rollback import Rows, read_rows, roll_back
from tests.support.seen import Seen, bases, findings, logged, saved_at, see
from tests.support.sync import Mall, record

DAYS = "Mon-Fri 10:00-21:00, Sat-Sun 10:00-22:00"
LATE = "Mon-Thu 11:00-21:00, Fri-Sun 11:00-23:00"
NOWHERE = {"categoryNameEn": "Nothing like it", "categoryNameTh": None}
PAIRS = 27
"""How many shops, and dinings, the first feed has; the last one of each is about floors."""


def shop(number: int | str, **fields: Any) -> dict[str, Any]:
    """Return a record of a shop."""
    return record(f"S{number}", **{"categoryNameTh": None, **fields})


def dining(number: int | str, **fields: Any) -> dict[str, Any]:
    """Return a record of a restaurant."""
    return record(f"D{number}", **{"categoryNameEn": "Restaurant", "categoryNameTh": None, **fields})


def feed(changes: dict[str, dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Return a shop and a dining of each number, with other values of some by their ids."""
    first: dict[str, dict[str, Any]] = {
        "S5": {"openingHours": DAYS}, "D5": {"openingHours": DAYS},
        "S6": {"openingHours": DAYS}, "D6": {"openingHours": DAYS},
        "S25": NOWHERE, "D26": {"categoryNameEn": "Bar hopping"},
        "S27": {"floor": "Fl. 3"}, "D27": {"floor": "3,4"},
    }  # fmt: skip
    records = []
    for number in range(1, PAIRS + 1):
        for make, letter in ((shop, "S"), (dining, "D")):
            name = f"{letter}{number}"
            records.append(make(number, **{**first.get(name, {}), **(changes or {}).get(name, {})}))
    return records


def edit_as_people_do(mall: Mall) -> None:
    """Let editors work on rows of both tables, most often on one of the two that have a number."""
    _unlink(mall, "shops", 9)
    _unlink(mall, "dinings", 10)
    _link(mall, "shops", 11, "LUXURY")
    _link(mall, "dinings", 12, "CAFE & BAKERY")
    mall.edit("S17", skip_sync=True)
    mall.edit("D18", "dinings", skip_sync=True)
    mall.database.execute("DELETE FROM shops WHERE id = 19; DELETE FROM dinings WHERE id = 20")
    for table, letter in (("shops", "S"), ("dinings", "D")):
        for number in (13, 14):
            mall.database.execute(
                f"DELETE FROM {table}_locales WHERE _locale = 'th' AND _parent_id = {number}"
            )
            mall.edit(f"{letter}{number}", table)
        for number in (15, 16):
            mall.edit(f"{letter}{number}", table, status="ACTIVE")
        for number in (23, 24):
            mall.edit(f"{letter}{number}", table, location_zone="Mine")


def _unlink(mall: Mall, table: str, number: int) -> None:
    mall.database.execute(f"DELETE FROM {table}_rels WHERE parent_id = {number}")
    mall.edit(f"{table[0].upper()}{number}", table)


def _link(mall: Mall, table: str, number: int, category: str) -> None:
    mall.database.execute(
        f"INSERT INTO {table}_rels (\"order\", parent_id, path, categories_id) VALUES (2, {number}, 'categories', %s)",
        mall.category_id(category),
    )
    mall.edit(f"{table[0].upper()}{number}", table)


TUESDAY: dict[str, dict[str, Any]] = {
    "S1": {"zone": "West"}, "D2": {"zone": "West"},
    "S3": {"brandNameEn": "New S3"}, "D4": {"brandNameTh": "ใหม่"},
    "S5": {"openingHours": "10:00 - 22:00"}, "D6": {"openingHours": LATE},
    "S7": {"categoryNameEn": "Luxury"}, "D8": {"categoryNameEn": "Cafe & Bakery"},
    "S9": {"categoryNameEn": "Luxury"}, "D10": {"categoryNameEn": "Cafe & Bakery"},
    "S11": {"categoryNameEn": "Luxury"}, "D12": {"categoryNameEn": "Cafe & Bakery"},
    "S13": {"brandNameTh": "ใหม่"}, "D14": {"descriptionTh": "ใหม่"},
    "S17": {"zone": "West"}, "D17": {"zone": "West"}, "S18": {"zone": "West"}, "D18": {"zone": "West"},
    "S19": {"zone": "West"}, "D19": {"zone": "West"}, "S20": {"zone": "West"}, "D20": {"zone": "West"},
    "S21": {"categoryNameEn": "Restaurant", "zone": "West"}, "D22": {"categoryNameEn": "Fashion"},
    "S23": {"zone": "West"}, "D24": {"zone": "West"},
    "S25": {"zone": "West"}, "D26": {"tel": "02 111 1111"},
    "S27": {"floor": "3,4"}, "D27": {"floor": "Fl. 4"},
}  # fmt: skip
"""What the second feed has otherwise, by id."""


def tuesday() -> list[dict[str, Any]]:
    """Return the second feed: one of each pair has changed, S15 and D16 are gone, and there are new ones."""
    return [
        *(each for each in feed(TUESDAY) if each["uniqueId"] not in {"S15", "D16"}),
        shop(31, openingHours=DAYS, brandNameEn="Twin"),
        dining(31, brandNameEn="Twin"),
        shop(32, **NOWHERE, brandNameEn="Twin"),
        dining(32, openingHours=LATE, brandNameTh=None, shopNameThai=None, descriptionTh=None, unit=None),
    ]


def wednesday() -> list[dict[str, Any]]:
    """Return the third feed: what changed changes again or back, one that was gone is there, and others are gone."""
    changes = {
        **TUESDAY,
        "S1": {"zone": "North"},
        "D4": {"brandNameTh": "ใหม่กว่า"},
        "S5": {"openingHours": LATE},
        "D6": {"openingHours": "11:00 - 20:00"},
        "S7": {},
        "D8": {"categoryNameEn": "Take home"},
        "S15": {"zone": "West"},
        "S27": {"floor": "Fl. 4"},
    }
    return [
        *(each for each in feed(changes) if each["uniqueId"] not in {"D16", "S26", "D3"}),
        *(each for each in tuesday()[-4:] if each["uniqueId"] != "D31"),
    ]


@dataclass(frozen=True)
class Moment:
    """How things stand after a run, or after editors worked.

    Attributes:
        seen: What the CMS has.
        rows: The same to the last column.
        saved: When each row was last saved.
        bases: What the job remembers.
        counts: The figures of the run that are not 0.
        findings: Its findings.
        logged: Its log of changes.
        undone: What the run was, where it was a rollback.
    """

    seen: Seen
    rows: Rows
    saved: dict[str, Any]
    bases: Seen
    counts: dict[str, int]
    findings: list[str]
    logged: list[str]
    undone: Rollback | None = None


def tell(mall: Mall) -> dict[str, Moment]:
    """Run the whole story on an empty mall, and return its moments in order."""
    told = {"monday": _synced(mall, mall.sync(feed()))}
    edit_as_people_do(mall)
    told["edits"] = _look(mall)
    day = mall.sync(tuesday(), missing="inactivate")
    told["tuesday"] = _synced(mall, day)
    told["again"] = _synced(mall, mall.sync(missing="inactivate"))
    told["undone"] = _undone(mall, day.sync_id)
    told["redone"] = _undone(mall, str(_last(told).sync_id))
    told["wednesday"] = _synced(mall, mall.sync(wednesday()))
    edit_what_tuesday_made(mall)
    told["later edits"] = _look(mall)
    told["undone later"] = _undone(mall, day.sync_id)
    told["redone later"] = _undone(mall, str(_last(told).sync_id))
    return told


def edit_what_tuesday_made(mall: Mall) -> None:
    """Let editors work on rows that the second run made or changed."""
    mall.edit("S31", status="ACTIVE")
    mall.edit("D32", "dinings", skip_sync=True)
    mall.edit("S3")
    mall.edit_texts("D4", "th", "dinings", title="Mine")
    mall.database.execute("DELETE FROM dinings WHERE id = 2")


def _last(told: dict[str, Moment]) -> Rollback:
    *_, last = told.values()
    assert last.undone is not None
    return last.undone


def _look(mall: Mall, sync_id: str | None = None, **more: Any) -> Moment:
    return Moment(
        see(mall),
        read_rows(mall),
        saved_at(mall),
        bases(mall),
        more.get("counts", {}),
        findings(mall, sync_id),
        logged(mall, sync_id),
        more.get("undone"),
    )


def _synced(mall: Mall, run: SyncResult) -> Moment:
    return _look(
        mall, run.sync_id, counts={name: count for name, count in asdict(run.counts).items() if count}
    )


def _undone(mall: Mall, sync_id: str) -> Moment:
    undone = roll_back(mall, sync_id)
    return _look(mall, undone.sync_id, undone=undone)
