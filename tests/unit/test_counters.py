"""Promise: the counters of a run are declared in contract/counters.py; what can't be made from there is held to it here."""

import re

import pytest
import sqlglot

from etl.compare.model import PLAN_ACTIONS
from etl.contract.counters import COUNTERS, DECLARED, PlanCounts, sql_counters
from etl.runs import cms_log, log
from etl.runtime import metrics, queries

COLUMNS = {each.column for each in DECLARED}


def names_in(name: str) -> list[str]:
    """Return the columns of counters that a statement names itself, each once, in its order."""
    words = re.findall(r"\w+", re.sub(r"--.*", "", queries.text(name)))
    return [word for word in dict.fromkeys(words) if word in COLUMNS]


def test_each_is_declared_once() -> None:
    """No name and no column stands twice."""
    assert (len(COUNTERS), len(COLUMNS)) == (len(DECLARED), len(DECLARED)) == (17, 17)


def test_a_plan_counts_all_but_what_it_can_not_know() -> None:
    """In the declared order; the feed's records and a rollback's deleted rows are no part of a plan."""
    assert list(PlanCounts.__dataclass_fields__) == [
        each.name for each in DECLARED if each.name not in {"fetched", "deleted"}
    ]


def test_the_log_has_a_column_for_each() -> None:
    """Whole numbers, and no other column of that type."""
    (table,) = re.findall(r"CREATE TABLE etl\.sync_logs \((.*?)\n\);", queries.text("schema/etl"), re.DOTALL)
    assert set(re.findall(r"(\w+) int8", table)) == COLUMNS


@pytest.mark.parametrize("name", [each for each in queries.names() if "etl.sync_logs" in queries.text(each)])
def test_no_statement_names_another(name: str) -> None:
    """Columns of the log that are named as counters are declared ones."""
    text = re.sub(r"--.*|\w+_summary_\w+", "", queries.text(name))
    assert set(re.findall(r"\b(?:records_(?!per_)\w+|\w+s_processed|fields_\w+)\b", text)) - COLUMNS == set()


def test_statements_that_write_and_read_all_take_them_from_there() -> None:
    """The log of a run is closed, and read, with what the declaration gives; no list stands there."""
    parts = sql_counters()
    assert parts["counter_columns"].startswith("records_fetched, records_processed, shops_processed, ")
    assert "records_duplicate = (counts.figures ->> 'duplicates')::int8, " in parts["counter_assignments"]
    assert (names_in("audit/finish_run"), names_in("audit/run")) == ([], [])
    assert "{{ counter_assignments }}" in queries.text("audit/finish_run")
    assert "{{ counter_columns }}" in queries.text("audit/run")


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("audit/runs", {"records_processed", "shops_processed", "dinings_processed", "records_duplicate"}),
        ("frames/runs", {"shops_processed", "dinings_processed", "records_deleted"}),
    ],
)
def test_lists_of_runs_have_all_but_some(name: str, left_out: set[str]) -> None:
    """The columns of these are promised to readers, so each list is written out; a new counter is to be decided on."""
    assert set(names_in(name)) == COLUMNS - left_out


def test_the_statement_that_counts_a_plan() -> None:
    """It gives each counter but what is left over, and the errors, which are those rejected."""
    query = sqlglot.parse_one(queries.text("plan/count"), read="postgres", into=sqlglot.exp.Select)
    assert sorted(query.named_selects) == sorted({*PlanCounts.__dataclass_fields__, "errors"} - {"unchanged"})


def test_metrics_are_those_that_are_declared() -> None:
    """A metric that is a counter is declared as one, and has the unit of one."""
    assert {name for name in metrics.UNITS if name in COUNTERS} == {
        each.name for each in DECLARED if each.is_metric
    }
    assert {metrics.UNITS[each.name] for each in DECLARED if each.is_metric} == {"Count"}


def test_actions_of_a_diff_have_the_names_of_counters() -> None:
    """So text, JSON and HTML of a diff name as the log of runs does what is done to records."""
    assert [action for action in PLAN_ACTIONS if action not in COUNTERS] == []


def test_notes_and_words_of_rollbacks() -> None:
    """The CMS's screen has a note for each counter that has one; a rollback's sentence names columns of counters."""
    assert {each.name for each in DECLARED if each.note} == set(cms_log._NOTED)
    assert log._ROLLED_BACK.keys() <= COLUMNS
