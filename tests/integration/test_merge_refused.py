"""What happens to the rest where the database refuses a row; values at the edge of what it takes."""

import random

import pytest

from tests.support.merge import base, floors, forbid
from tests.support.sync import Mall, record


def test_a_refused_update_leaves_the_base(mall: Mall) -> None:
    """A record that the database refuses keeps its base, and is tried again by the next run."""
    mall.sync([record("T1"), record("T2")])
    before = base(mall, "T1")
    forbid(mall, "shops", "NEW.unique_id = 'T1'")

    result = mall.sync([record("T1", zone="West"), record("T2", zone="West")], refused=True)

    assert (result.status, result.counts.rejected, result.counts.updated) == ("PARTIAL", 1, 1)
    assert base(mall, "T1") == before
    mall.database.execute("DROP TRIGGER forbid ON shops")
    assert (mall.sync().counts.updated, mall.row("T1")["location_zone"]) == (1, "West")


def test_a_refused_record_is_not_said_to_be_written(mall: Mall) -> None:
    """A conflict of a record that the database refused was not resolved: no finding says so; those of others stay."""
    mall.sync([record("T1"), record("T2"), record("T3")])
    for name in ("T1", "T2", "T3"):
        mall.edit(name, location_zone="Mine")
    forbid(mall, "shops", "NEW.location_zone = 'West'")

    result = mall.sync([record("T1", zone="West"), record("T2", zone="North"), record("T3")], refused=True)

    assert (result.counts.conflicts, result.counts.kept) == (1, 1)
    assert [mall.row(name)["location_zone"] for name in ("T1", "T2", "T3")] == ["Mine", "North", "Mine"]
    assert mall.issues(result.sync_id) == [("T2", "conflict"), ("T1", "rejected_by_database")]


def test_a_carried_over_row_that_is_refused_keeps_its_id(mall: Mall) -> None:
    """The database refuses the new unique_id: row and base keep the old one; the other floor is made."""
    mall.sync([record("T1", floor="3")])
    forbid(mall, "shops", "NEW.unique_id = 'T1-3F'")

    result = mall.sync([record("T1", floor="3,4")], refused=True)

    assert (result.counts.created, result.counts.rejected) == (1, 1)
    assert floors(mall) == {"T1": "3F", "T1-4F": "4F"}
    assert base(mall, "T1")["record_id"] == mall.row("T1")["id"]


def test_a_row_that_may_not_be_inactivated_costs_itself_only(mall: Mall) -> None:
    """The database refuses one INACTIVE: that row is reported, and the rest of the run lands."""
    mall.sync([record("T1"), record("T2"), record("T3")])
    mall.database.execute("UPDATE shops SET status = 'ACTIVE'")
    forbid(mall, "shops", "NEW.unique_id = 'T2' AND NEW.status = 'INACTIVE'")

    result = mall.sync([record("T1", zone="West")], missing="inactivate", refused=True)

    assert result.status == "PARTIAL"
    assert mall.row("T1")["location_zone"] == "West"
    assert (mall.row("T2")["status"], mall.row("T3")["status"]) == ("ACTIVE", "INACTIVE")
    assert (result.counts.processed, result.counts.updated, result.counts.unchanged) == (1, 1, 0)


@pytest.mark.parametrize(
    "size",
    [
        500,
        20_000,
    ],
)
def test_a_huge_unique_id_costs_itself_only(mall: Mall, size: int) -> None:
    """An id too long for an index is one bad record, not the end of the run."""
    huge = "".join(
        random.Random(1).choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=size)
    )

    result = mall.sync([record("T1"), record(huge)])

    assert result.counts.created + result.counts.rejected == 2
    assert mall.row("T1")["location_zone"] == "East"


def test_huge_texts_land(mall: Mall) -> None:
    """A description of a million characters is written, and is not a change the next time."""
    huge = "".join(random.Random(1).choices("กขคง abcdefgh", k=1_000_000)).strip()
    huge = " ".join(huge.split())
    mall.sync([record("T1", descriptionEn=huge, brandNameEn="x" * 100_000)])

    assert mall.texts("T1", "en")["description"] == huge
    assert mall.sync().counts.updated == 0


@pytest.mark.quick(cases=3)
@pytest.mark.parametrize(
    "unique_id", ["T'1", 'T"1', "T\\1", "T%s1", "T$1", "ไทย-1", "T{1}", "T;1--", "T 1", "T1-3F"]
)
def test_odd_ids(mall: Mall, unique_id: str) -> None:
    """Quotes, backslashes, placeholders and Thai in a unique_id are just text, also with several floors."""
    mall.sync([record(unique_id, floor="3"), record("OTHER")])
    row_id = mall.row(unique_id)["id"]

    mall.sync([record(unique_id, floor="3,4", zone="West"), record("OTHER")])
    assert (mall.row(f"{unique_id}-3F")["id"], mall.row(f"{unique_id}-4F")["location_zone"]) == (
        row_id,
        "West",
    )

    mall.sync([record(unique_id, floor="3"), record("OTHER")])
    assert (mall.row(unique_id)["id"], mall.row(unique_id)["location_zone"]) == (row_id, "East")
    assert mall.sync().counts.updated == 0
