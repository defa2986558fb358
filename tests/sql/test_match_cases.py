"""Run every case of tests/sql/<query>/<case>.yaml against sql/match/<query>.sql.

A case says its `purpose`, gives `tables` (by name: columns and rows; a word stands for a table of SHARED; the
columns it leaves out are null), `params` where the query has some, and what it `expect`s: some of the
columns, and all rows, in any order. That the query itself puts them in the order of ORDERS is held in every case.
"""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from etl.contract.reference import CATEGORIES, FLOORS
from etl.match import forms
from etl.match.aliases import category_aliases
from etl.match.matcher import connect
from etl.match.nearest import NAMES
from etl.runtime import queries
from etl.transform.floors import CANDIDATES

FOLDER = Path(__file__).parent
CASES = sorted(FOLDER.glob("*/*.yaml"))

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "floors": FLOORS,
    "categories": CATEGORIES,
    "floor_labels": CANDIDATES,
    "category_labels": {"label_en": pl.String(), "label_th": pl.String()},
    "unmapped_labels": {"label": pl.String()},
    "known_names": NAMES,
    "category_aliases": {"label": pl.String(), "category": pl.String()},
}
FORMS = {
    "floors": forms.known_floors,
    "categories": forms.known_categories,
    "floor_labels": forms.wanted_floors,
    "category_labels": forms.wanted_categories,
    "category_aliases": forms.wanted_aliases,
}
"""How a table gets the forms in which texts are compared."""
ORDERS: dict[str, list[str]] = {
    "floors": ["label"],
    "categories": ["kind", "label_en", "label_th"],
    "kinds": ["label_en", "label_th"],
    "double_names": ["reference", "language", "name"],
    "nearest": ["label", "rank"],
}
"""By which columns each query sorts what it finds; what is null comes last."""
SHARED: dict[str, Any] = yaml.safe_load((FOLDER / "shared_tables.yaml").read_text("utf-8"))


def table(name: str, given: str | dict[str, Any]) -> pl.DataFrame:
    """Make a table of a case."""
    if given == "shipped":
        return category_aliases()
    content = SHARED[given] if isinstance(given, str) else given
    rows = [dict(zip(content["columns"], row, strict=True)) for row in content["rows"]]
    return pl.DataFrame(rows, schema=SCHEMAS[name], strict=True)


def outcome(query: str, case: dict[str, Any]) -> pl.DataFrame:
    """Run the query on a case's tables."""
    connection = connect()
    for name, given in case["tables"].items():
        rows = table(name, given)
        connection.register(name, FORMS[name](rows) if name in FORMS else rows)
    found: pl.DataFrame = connection.sql(queries.load(f"match/{query}"), params=case.get("params")).pl()
    connection.close()
    return found


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_case(path: Path) -> None:
    """The query gives exactly the rows that the case expects, sorted."""
    case = yaml.safe_load(path.read_text("utf-8"))
    expected = [tuple(row) for row in case["expect"]["rows"]]
    found = outcome(path.parent.name, case)
    assert sorted(found.select(case["expect"]["columns"]).rows(), key=repr) == sorted(expected, key=repr), (
        case["purpose"]
    )
    order = ORDERS[path.parent.name]
    assert found.select(order).rows() == found.select(order).sort(order, nulls_last=True).rows()


def test_every_query_has_cases() -> None:
    """Every query of sql/match has a folder of cases."""
    shipped = {name for name in queries.names() if name.startswith("match/")}
    assert shipped == {f"match/{path.parent.name}" for path in CASES}
