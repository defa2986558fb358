"""The tool behind `make mutants`: which faults it makes, where it puts them, and what it counts."""

import pytest

from etl.runtime import queries
from tests.mutants import python, sql
from tests.mutants.covering import Map, Ran, lines_around, merged
from tests.mutants.model import FOLDERS, Change, End, Mutant, Outcome, mutants_of
from tests.mutants.report import survivors, table
from tests.mutants.sample import all_of, draw, equivalents


def of_python(text: str) -> list[tuple[str, str]]:
    """Return each mutant of a module: its kind, and the changed module."""
    return [(one.kind, one.apply(text)) for one in mutants_of("m.py", text, python.changes(text))]


def of_sql(text: str, dialect: str = "postgres") -> list[str]:
    """Return each mutant of a statement: the changed statement, with single spaces."""
    return [
        " ".join(one.apply(text).split()) for one in mutants_of("m.sql", text, sql.changes(text, dialect))
    ]


class TestPython:
    """Faults in Python."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("a < b", [("comparison", "a <= b")]),
            ("a is  not b", [("comparison", "a is b")]),
            ("a == 'word'", [("comparison", "a != 'word'"), ("constant", "a == 'word_'")]),
            ("(a) and (b)", [("boolean", "(a) or (b)")]),
            ("(a\n + b)", [("arithmetic", "(a\n - b)")]),
            ("'a' + b", []),
            ("not (a)", [("not", "(a)")]),
            ("x = 1", [("constant", "x = 2")]),
            ("x = True", [("constant", "x = False")]),
            ("x = 'words'", []),
            ("def f(a, n=3): pass", [("constant", "def f(a, n=4): pass")]),
            ("def f(): return None", []),
            ("def f(): return a", [("return", "def f(): return None")]),
            ("f(a)", [("removed", "pass")]),
            ("x.y = a", [("removed", "pass")]),
            ("x = a", []),
            ("raise E(\n  a)", [("removed", "pass\n")]),
            ("x = min(a)", [("name", "x = max(a)")]),
            ("x = frame.min()", [("name", "x = frame.max()")]),
            ("x = a[b:c]", [("slice", "x = a[:c]"), ("slice", "x = a[b:]")]),
            ("x = a if b else c", [("condition", "x = a if not (b) else c")]),
            ("x = [a for a in b if a.c]", [("condition", "x = [a for a in b if True]")]),
        ],
    )
    def test_each_kind(self, text: str, expected: list[tuple[str, str]]) -> None:
        """Each fault is put where the tree says, and nothing beside it changes."""
        assert of_python(text) == expected

    def test_letters_of_several_bytes(self) -> None:
        """The tree counts bytes, a text letters: Thai before a fault does not move it."""
        assert of_python("x = ('ชั้น', a < b)") == [("comparison", "x = ('ชั้น', a <= b)")]

    @pytest.mark.parametrize(
        "text",
        [
            "from a import b",
            '"""Words."""',
            "@dataclass(frozen=True)\nclass A:\n    b: Literal[1]",
            "__all__ = [1]",
            "if TYPE_CHECKING:\n    f(a)",
        ],
    )
    def test_what_stays(self, text: str) -> None:
        """Imports, docstrings, decorators and annotations have no mutants: no test could notice them."""
        assert of_python(text) == []


class TestSql:
    """Faults in statements."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("SELECT a < b", ["SELECT a <= b"]),
            ("SELECT a = b", ["SELECT a <> b"]),
            ("UPDATE t SET a = b, c = d", []),
            ("SELECT a IS NULL", ["SELECT a IS NOT NULL"]),
            ("SELECT a IS NOT NULL", ["SELECT a IS NULL"]),
            ("SELECT a IS DISTINCT FROM b", ["SELECT a <> b", "SELECT a IS NOT DISTINCT FROM b"]),
            ("SELECT a IS NOT DISTINCT FROM b", ["SELECT a = b", "SELECT a IS DISTINCT FROM b"]),
            ("SELECT EXISTS (SELECT 1 FROM t)", ["SELECT NOT EXISTS (SELECT 1 FROM t)"]),
            ("SELECT NOT EXISTS (SELECT 1 FROM t)", ["SELECT EXISTS (SELECT 1 FROM t)"]),
            ("SELECT a FROM t INNER JOIN u USING (a)", ["SELECT a FROM t LEFT JOIN u USING (a)"]),
            ("SELECT a FROM t LEFT JOIN u USING (a)", ["SELECT a FROM t INNER JOIN u USING (a)"]),
            ("SELECT max(a) - 1", ["SELECT min(a) - 1", "SELECT max(a) + 1", "SELECT max(a) - 2"]),
            ("SELECT 'shops', 'a b'", ["SELECT 'dinings', 'a b'"]),
            ("SELECT 'word'", ["SELECT 'word_'"]),
            ("SELECT true", ["SELECT false"]),
            ("SELECT DISTINCT a", ["SELECT a"]),
            ("SELECT coalesce(a, b)", ["SELECT coalesce(a)"]),
            ("SELECT a FROM t WHERE b", ["SELECT a FROM t WHERE true"]),
            ("SELECT a ORDER BY b, c", ["SELECT a ORDER BY c", "SELECT a ORDER BY b"]),
            ("SELECT a ORDER BY b", ["SELECT a ORDER BY b DESC"]),
            (
                "SELECT a ORDER BY b DESC NULLS LAST",
                ["SELECT a ORDER BY b ASC NULLS LAST", "SELECT a ORDER BY b DESC NULLS FIRST"],
            ),
        ],
    )
    def test_each_kind(self, text: str, expected: list[str]) -> None:
        """Each fault is put where it was found, and nothing beside it changes."""
        assert of_sql(text) == expected

    def test_terms_of_a_condition(self) -> None:
        """Each term is left out once; the AND of a BETWEEN is part of its term."""
        assert of_sql("SELECT a WHERE b AND c BETWEEN d AND e AND (f)") == [
            "SELECT a WHERE c BETWEEN d AND e AND (f)",
            "SELECT a WHERE b OR c BETWEEN d AND e AND (f)",
            "SELECT a WHERE b AND (f)",
            "SELECT a WHERE b AND c BETWEEN d AND e OR (f)",
            "SELECT a WHERE b AND c BETWEEN d AND e",
        ]

    def test_parts_and_parameters_stay(self) -> None:
        """Neither a placeholder, nor a parameter, nor a comment has mutants."""
        assert of_sql("-- a = 1\nSELECT {{ table }}, '{{ table }}', $1 FROM {{ table }}_rels") == []

    def test_duckdb(self) -> None:
        """The statements of sql/match are read as DuckDB's."""
        assert of_sql("SELECT { 'rule': a }", "duckdb") == ["SELECT { 'rule_': a }"]


class TestDraw:
    """Which mutants are run."""

    @pytest.mark.long
    def test_evenly_and_always_the_same(self) -> None:
        """Each folder has its share; a greater draw of the same seed holds the smaller one; another seed is another."""
        few, many = draw(22, 1), draw(33, 1)
        assert [sum(one.folder == folder for one in few) for folder in FOLDERS] == [2] * 11
        assert set(few) < set(many)
        assert set(few) != set(draw(22, 2))

    def test_changes_elsewhere_do_not_move_it(self) -> None:
        """A mutant keeps its place in the draw when lines are put in before it."""
        before, after = "a < b\nc > d\n", "# more\n\na < b\nc > d\n"
        (one, *_), (same, *_) = (mutants_of("m.py", text, python.changes(text)) for text in (before, after))
        assert (one.line, same.line) == (1, 3)
        assert one.order(1) == same.order(1)

    def test_it_is_not_made_of_another_text(self) -> None:
        """A mutant of a file that has changed since is refused."""
        (mutant,) = mutants_of("m.py", "a < b", [Change("comparison", 2, 3, "<=")])
        with pytest.raises(ValueError, match="not the file"):
            mutant.apply("ab < c")

    def test_every_statement_can_be_read(self) -> None:
        """Each of the four folders of statements has mutants, in files that exist."""
        found = {one.file for folder in FOLDERS if folder.startswith("sql/") for one in all_of(folder)}
        assert len(found) > 100
        assert {file.removeprefix("sql/").removesuffix(".sql") for file in found} < set(queries.names())

    @pytest.mark.long
    def test_listed_equivalents_exist(self) -> None:
        """Each entry of the list of equivalents is a mutant of the product as it is."""
        there = {(one.file, one.context, one.old, one.new) for folder in FOLDERS for one in all_of(folder)}
        assert set(equivalents()) - there == set()


class TestMap:
    """Which tests are run."""

    TEXT = "LIMIT = 1\n\ndef f(a=2):\n    return g(\n        a,\n    )\n"

    @pytest.mark.parametrize(("line", "lines"), [(1, set()), (3, set()), (4, {4, 5, 6}), (5, {4, 5, 6})])
    def test_lines_of_a_statement(self, line: int, lines: set[int]) -> None:
        """A fault is run by whoever runs its statement; one outside functions by whoever runs the file."""
        assert lines_around(self.TEXT, line) == lines

    def test_order_of_tests(self) -> None:
        """Those with the words of the file come first, then those that run the least; half the time is for the broadest."""
        known = Map(
            {
                "tests/unit/test_a.py::test_broad": Ran(
                    1, {"etl/load/guards.py": frozenset({4, 5, 9})}, frozenset()
                ),
                "tests/unit/test_a.py::test_narrow": Ran(
                    1, {"etl/load/guards.py": frozenset({4})}, frozenset()
                ),
                "tests/unit/test_a.py::test_elsewhere": Ran(
                    1, {"etl/load/guards.py": frozenset({9})}, frozenset()
                ),
                "tests/unit/test_guard.py::test_it": Ran(
                    1, {"etl/load/guards.py": frozenset(range(9))}, frozenset()
                ),
            }
        )
        mutant = Mutant("etl/load/guards.py", "slice", 0, 5, "a", "", "a", 0)
        named, narrow, broad = (
            "tests/unit/test_guard.py::test_it",
            "tests/unit/test_a.py::test_narrow",
            "tests/unit/test_a.py::test_broad",
        )
        assert known.tests_of(mutant, self.TEXT, 3) == [named, narrow, broad]
        assert known.tests_of(mutant, self.TEXT, 2.5) == [named, broad]
        at_import = Mutant("etl/load/guards.py", "constant", 8, 1, "1", "2", "LIMIT = 1", 0)
        assert len(known.tests_of(at_import, self.TEXT, 9)) == 4

    def test_shared_fixtures_count_for_each_test(self) -> None:
        """What a module's fixture ran counts for every test that uses it; a test that failed has no place."""
        part = {
            "tests": {
                "a.py::test_one": {"seconds": 1, "passed": True, "uses": ["fixture a.py::mall"]},
                "a.py::test_two": {"seconds": 1, "passed": True, "uses": []},
                "a.py::test_red": {"seconds": 1, "passed": False, "uses": []},
            },
            "lines": {"fixture a.py::mall": {"etl/load/plan.py": [7], "etl/pipeline.py": [8]}},
            "statements": {"fixture a.py::mall": ["plan/count", "audit/run"]},
        }
        assert merged([part]) == {
            "a.py::test_one": {
                "seconds": 1,
                "lines": {"etl/load/plan.py": [7]},
                "statements": ["plan/count"],
            },
            "a.py::test_two": {"seconds": 1, "lines": {}, "statements": []},
        }


def test_the_table() -> None:
    """What no test runs counts as a survivor; what changes nothing counts for nothing."""
    mutants = mutants_of(
        "sql/plan/a.sql", "1\n2\n3\n4\n", [Change("constant", at, at + 1, "5") for at in (0, 2, 4, 6)]
    )
    ends: tuple[End, ...] = ("killed", "survived", "equivalent", "not run")
    outcomes = [Outcome(mutant, end, "why") for mutant, end in zip(mutants, ends, strict=True)]
    assert table(outcomes).splitlines()[2:] == [
        "| sql/plan | 4 | 1 | 2 | 1 | 33% |",
        "| **SQL** | 4 | 1 | 2 | 1 | 33% |",
    ]
    assert [line.strip() for line in survivors(outcomes).splitlines() if "sql/" in line] == [
        "sql/plan/a.sql:2  constant: 2 → 5  (why)",
        "sql/plan/a.sql:4  constant: 4 → 5  (why)",
        "sql/plan/a.sql:3  constant: 3 → 5  (why)",
    ]
