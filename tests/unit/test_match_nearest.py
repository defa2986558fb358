"""The known names nearest to a label that fits none."""

import polars as pl
import pytest

from etl.compare.model import Finding, Nearest, Unmapped
from etl.compare.unmapped import unmapped_labels
from etl.contract.reference import CATEGORIES, FLOORS
from etl.match.nearest import NEAREST, category_names, floor_names, nearest_names

FLOOR_ROWS = pl.DataFrame(
    [(1, "GF", 1.0, "ACTIVE"), (2, "8F", 2.0, "INACTIVE"), (3, "7F", 3.0, None), (4, None, 4.0, "ACTIVE")],
    schema=FLOORS,
    orient="row",
)
CATEGORY_ROWS = pl.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "type": ["shops", "shops", "dinings", "shops"],
        "status": ["ACTIVE", "INACTIVE", "ACTIVE", "ACTIVE"],
        "slug": ["general", "old", "restaurant", "toys"],
        "name_en": ["General", "OLD", "RESTAURANT", None],
        "name_th": ["ทั่วไป", None, "ร้านอาหาร", "ของเล่น"],
    },
    schema=CATEGORIES,
)


def test_names_of_floors() -> None:
    """ACTIVE floors that have a name (null is ACTIVE), under it and under its aliases."""
    found = floor_names(FLOOR_ROWS).rows()
    assert found[:2] == [(1, "GF", "GF"), (3, "7F", "7F")]
    assert set(found[2:]) >= {(1, "GF", "ground"), (3, "7F", "seventh")}
    assert {row[:2] for row in found[2:]} == {(1, "GF"), (3, "7F")}


@pytest.mark.parametrize(
    ("label", "near"), [("Upper Grond", ["GF"]), ("Sevnth", ["7F"]), ("Fl. 9", []), ("Rooftop Garden", [])]
)
def test_floors_near_to_a_label(label: str, near: list[str]) -> None:
    """A misspelt alias is near to its floor; another number is near to none."""
    assert nearest_names(pl.Series([label]), floor_names(FLOOR_ROWS))["name"].to_list() == near


@pytest.mark.parametrize(
    ("label", "near"), [("ของเลน", ["ของเล่น"]), ("ความงาม", []), ("ร้านตัดผม", []), ("ทั่วไปป", ["General"])]
)
def test_thai_words_are_compared_by_their_letters(label: str, near: list[str]) -> None:
    """A Thai name with a slip is near; another word of the same length is not, though most bytes are the same."""
    names = category_names(CATEGORY_ROWS, "shops")
    assert nearest_names(pl.Series([label]), names)["name"].to_list() == near


def test_names_of_categories() -> None:
    """ACTIVE ones of the kind under their English and Thai names, and the aliases of the English one."""
    found = category_names(CATEGORY_ROWS, "shops").rows()
    assert found[:3] == [(1, "General", "General"), (1, "General", "ทั่วไป"), (4, "ของเล่น", "ของเล่น")]
    assert {row[2] for row in found[3:]} >= {"service", "services", "specialty"}
    assert {row[:2] for row in found[3:]} == {(1, "General")}
    assert category_names(CATEGORY_ROWS, "dinings").rows()[:2] == [
        (3, "RESTAURANT", "RESTAURANT"),
        (3, "RESTAURANT", "ร้านอาหาร"),
    ]


def test_an_alias_leads_to_its_category() -> None:
    """A misspelt alias is near to the category that the alias means, under the category's name."""
    found = nearest_names(pl.Series(["Servises", None, "Servises"]), category_names(CATEGORY_ROWS, "shops"))
    assert found.rows() == [("Servises", 1, 1, "General", 0.875)]
    assert found.schema == pl.Schema(NEAREST)


def test_nothing_to_compare() -> None:
    """No labels, or no names: no rows, of the same shape."""
    assert nearest_names(pl.Series([], dtype=pl.String), floor_names(FLOOR_ROWS)).schema == pl.Schema(NEAREST)
    assert nearest_names(pl.Series(["GF"]), floor_names(FLOOR_ROWS.head(0))).height == 0


def test_labels_keep_their_order_and_their_whole_length() -> None:
    """Rows come in the order of the labels; a label longer than what is compared is given back whole."""
    long = "gf " * 60
    found = nearest_names(pl.Series(["zz", long, "7F"]), floor_names(FLOOR_ROWS), least=0.1)
    assert [(row[0], row[3]) for row in found.rows()] == [(long, "GF"), ("7F", "7F")]


def finding(unique_id: str, code: str, field: str, value: str | None) -> Finding:
    """Return a finding."""
    return Finding(unique_id, "warning", code, field, "…", value)


def test_unmapped_labels_of_findings() -> None:
    """Findings are gathered by kind and label, the most frequent first, each with its first record."""
    issues = [
        finding("T3", "unmapped_category", "shops_category_id", "Genral"),
        finding("T2", "unmapped_category", "shops_category_id", "Genral"),
        finding("T2", "unmapped_floor", "floor_id", "Fl. 99"),
        finding("T4", "unmapped_category", "dinings_category_id", "Genral"),
        finding("T4", "bad_hours", "hours", "Genral"),
        finding("T5", "unmapped_floor", "floor_id", None),
    ]
    assert unmapped_labels(issues, FLOOR_ROWS, CATEGORY_ROWS) == (
        Unmapped("shops", "Genral", 2, "T2", (Nearest(1, "General", 0.857),)),
        Unmapped("dinings", "Genral", 1, "T4"),
        Unmapped("floor", "Fl. 99", 1, "T2"),
    )
