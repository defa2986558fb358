"""Page arithmetic and the proof of completeness."""

from array import array

import pyarrow as pa
import pytest

from etl.contract.raw import SNAPSHOT_SCHEMA
from etl.extract.pages import (
    PageFacts,
    PagePlan,
    Problem,
    Repeats,
    check_ids,
    check_page,
    check_totals,
    hash_ids,
    make_plan,
    summarise,
)

FIRST = PageFacts(asked=1, number=1, total_records=472, total_pages=5, rows=100)
PLAN = PagePlan(total_records=472, total_pages=5, page_size=100)


@pytest.mark.parametrize(
    ("total", "rows", "pages"),
    [
        (472, 100, 5),
        (500, 100, 5),
        (501, 100, 6),
        (100, 100, 1),
        (1, 1, 1),
        (0, 0, 1),
        (472, 50, 10),
        (5, 0, 1),
        (-5, 3, 1),
    ],
)
def test_pages_are_counted_from_records(total: int, rows: int, pages: int) -> None:
    """By the size of the first page, since the API may cap the limit; an empty or absurd one promises no more."""
    assert make_plan(PageFacts(1, 1, total, 999, rows)).pages == pages


def test_every_page_but_the_last_is_full() -> None:
    """The last page holds what is left, pages beyond it nothing."""
    assert [PLAN.expected(number) for number in (1, 4, 5, 6)] == [100, 100, 72, 0]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (PageFacts(2, 2, 472, 5, 100), []),
        (PageFacts(5, 5, 472, 5, 72), []),
        (PageFacts(2, 1, 472, 5, 100), [Problem("another page came than asked for", "asked 2, got 1")]),
        (
            PageFacts(3, 3, 473, 5, 100),
            [Problem("totalRecord changed while the pages were read", "page 3: 473, page 1: 472")],
        ),
        (
            PageFacts(3, 3, 472, 6, 100),
            [Problem("totalPages changed while the pages were read", "page 3: 6, page 1: 5")],
        ),
        (
            PageFacts(3, 3, 472, 5, 99),
            [Problem("a page has another number of records than promised", "page 3: promised 100, got 99")],
        ),
        (
            PageFacts(5, 5, 472, 5, 100),
            [Problem("a page has another number of records than promised", "page 5: promised 72, got 100")],
        ),
        (PageFacts(3, 3, 472, 5, 0), [Problem("a page is empty", "page 3 of 5")]),
    ],
)
def test_a_page_is_held_against_the_plan(page: PageFacts, expected: list[Problem]) -> None:
    """Its number, its totals and its size must be what the first page promised."""
    assert check_page(PLAN, FIRST, page) == expected


@pytest.mark.parametrize(
    ("total", "total_pages", "rows", "got", "expected"),
    [
        (472, 5, 100, 472, []),
        (0, 0, 0, 0, []),
        (0, 1, 0, 0, []),
        (0, 7, 0, 0, ["totalPages does not fit totalRecord"]),
        (472, 4, 100, 472, ["totalPages does not fit totalRecord"]),
        (472, -1, 100, 472, ["totalPages does not fit totalRecord"]),
        (472, 10**9, 100, 472, ["totalPages does not fit totalRecord"]),
        (472, 5, 100, 471, ["the number of records is not the one promised"]),
        (-5, 1, 0, 0, ["the number of records is not the one promised"]),
    ],
)
def test_totals_are_held_against_what_came(
    total: int, total_pages: int, rows: int, got: int, expected: list[str]
) -> None:
    """TotalPages must follow from totalRecord, and the sum of records be totalRecord."""
    first = PageFacts(1, 1, total, total_pages, rows)
    assert [problem.kind for problem in check_totals(first, make_plan(first), got)] == expected


def test_totals_say_promised_and_got() -> None:
    """The message has both figures."""
    first = PageFacts(1, 1, 472, 4, 100)
    assert [problem.detail for problem in check_totals(first, PLAN, 471)] == [
        "promised 4, but 472 records in pages of 100 are 5",
        "promised 472, got 471",
    ]


def records(*ids: str | None) -> pa.Table:
    """Return records with these ids."""
    columns = [pa.array(ids, pa.string())] + [pa.nulls(len(ids), pa.string())] * (len(SNAPSHOT_SCHEMA) - 1)
    return pa.Table.from_arrays(columns, schema=SNAPSHOT_SCHEMA)


def test_ids_are_hashed_and_missing_ones_are_not_told_apart() -> None:
    """Null and blank ids are 0; equal ids have equal hashes, others differ."""
    hashes = hash_ids(records("T1", None, "T2", " ", "", "T1"))
    assert [hashes[1], hashes[3], hashes[4]] == [0, 0, 0]
    assert hashes[0] == hashes[5]
    assert len({hashes[0], hashes[2], 0}) == 3


def test_an_id_on_two_places_is_found_with_its_places() -> None:
    """The problem names up to three ids, by places and pages; missing ids don't count."""
    hashes = array("Q", [11, 12, 0, 0, 12, 13, 14, 15, 11, 12, 13, 14, 12])
    assert check_ids(hashes, page_size=5) == [
        Problem(
            "a uniqueId stands on several places",
            "4 in all: record 1 (page 1) and record 9 (page 2); "
            "record 2 (page 1) and record 5 (page 1) and record 10 (page 2); "
            "record 6 (page 2) and record 11 (page 3); …",
        )
    ]
    assert check_ids(array("Q", [0, 0, 1, 2]), page_size=5) == []
    assert check_ids(array("Q"), page_size=5) == []


def test_problems_are_counted_by_kind_with_three_examples() -> None:
    """One line a kind, in the order in which kinds first came."""
    problems = [
        Problem("b", "1"),
        Problem("a", "x"),
        *(Problem("b", str(n)) for n in (2, 3, 4)),
        Problem("c", "p"),
        Problem("c", "q"),
    ]
    assert summarise(problems) == ("b, 4 times: 1; 2; 3, …", "a: x", "c, 2 times: p; q")


def test_a_page_of_an_earlier_ones_records_is_told_at_once() -> None:
    """Whenever it comes, each time; a single record, or none with an id, may be the same by chance."""
    repeats = Repeats()
    pages = [[7, 8], [9, 8], [8, 7], [7, 8], [5], [5], [0, 0], [0, 0], [9, 8]]
    found = [repeats.check(number, array("Q", ids)) for number, ids in enumerate(pages, start=1)]
    kind = "a page has the records of another page"
    assert found == [
        *([], [], []),
        [Problem(kind, "page 4 those of page 1")],
        *([], [], [], []),
        [Problem(kind, "page 9 those of page 2")],
    ]
