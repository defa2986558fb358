"""What is said of a label that fits nothing, or several rows."""

from etl.match.explain import (
    Considered,
    Explanation,
    category_message,
    double_name,
    explanation,
    floor_note,
)

GF = Considered("partial", 1, "GF", True)
MF = Considered("partial", 2, "MF", True)
OLD = Considered("exact", 3, "Old", False)


def test_an_unmapped_label_that_fits_nothing() -> None:
    """There is nothing more to say."""
    found = Explanation("unmapped")
    assert (found.note, found.candidates, found.inactive, found.duplicates) == ("fits nothing", (), (), ())


def test_candidates_are_the_active_rows_sorted_by_name() -> None:
    """Several ACTIVE rows contain the label: none is taken."""
    found = Explanation("unmapped", considered=(MF, GF))
    assert found.candidates == ("GF", "MF")
    assert found.note == "is part of several names: GF, MF"


def test_inactive_rows_are_told() -> None:
    """Only an INACTIVE row fits."""
    found = Explanation("unmapped", considered=(OLD,))
    assert found.inactive == ("Old",)
    assert found.note == "fits only what is INACTIVE: Old"


def test_candidates_and_inactive_rows_together() -> None:
    """An INACTIVE row has the exact name, several ACTIVE ones contain it."""
    found = Explanation("unmapped", considered=(OLD, MF, GF))
    assert found.note == "is part of several names: GF, MF; and INACTIVE: Old"


def test_no_more_than_five_candidates_are_named() -> None:
    """The rest is counted."""
    rows = tuple(Considered("partial", n, f"F{n}", True) for n in range(1, 8))
    assert (
        Explanation("unmapped", considered=rows).note
        == "is part of several names: F1, F2, F3, F4, F5 and 2 more"
    )


def test_a_mapped_label_has_no_candidates_and_no_note() -> None:
    """What else was considered is kept, and is not a finding."""
    found = Explanation("exact", 1, "GF", (Considered("exact", 1, "GF", True), MF, OLD))
    assert (found.candidates, found.inactive, found.duplicates, found.note) == ((), (), (), None)


def test_doubles_are_the_active_rows_that_fit_by_the_same_rule() -> None:
    """The row of the lowest id was taken; the note names the others."""
    rows = tuple(Considered("exact", n, "GF", n != 5) for n in (3, 5, 7))
    found = Explanation("exact", 3, "GF", rows)
    assert found.duplicates == (7,)
    assert found.note == "ids 7 fit as well; the lowest id is taken"


def test_explanation_of_a_row_of_a_query() -> None:
    """The query's list of structs becomes rows; null, where it has none, an empty tuple."""
    row = {"language": "th", "rule": "partial", "id": 4, "name": "X", "is_active": False}
    assert explanation("unmapped", None, None, [row]) == Explanation(
        "unmapped", None, None, (Considered("partial", 4, "X", False, "th"),)
    )
    assert explanation("exact", 4, "X", None) == Explanation("exact", 4, "X", ())


def test_floor_note() -> None:
    """It quotes the label, cut at 80 characters; a mapped label has none."""
    assert floor_note("BF", Explanation("unmapped")) == "'BF' fits nothing"
    assert floor_note("x" * 81, Explanation("unmapped")) == f"'{'x' * 80}…' fits nothing"
    assert floor_note("GF", Explanation("exact", 1, "GF", (Considered("exact", 1, "GF", True),))) is None


def test_category_message() -> None:
    """It gives both labels, the kind, what happens and what to do; a mapped pair has none."""
    assert category_message("shops", "Toys", None, Explanation("unmapped"), Explanation("unmapped")) == (
        "No category of shops for 'Toys' (English), no label (Thai): fits nothing. "
        "The record is loaded, its category link is left as it is. "
        "Correct the labels at the source, or add or activate the category in the CMS."
    )
    assert category_message("shops", None, None, Explanation("blank"), Explanation("blank")) is None


def test_double_name() -> None:
    """It says which row is taken, never the others, and what to do."""
    assert double_name("floors", "GF", [3, 7, 9]) == (
        "3 ACTIVE floors are named 'GF': id 3 is taken, never 7, 9. Rename or deactivate the others in the CMS."
    )
    assert double_name("shops", "TOYS", [1, 2]) == (
        "2 ACTIVE categories of shops are named 'TOYS': id 1 is taken, never 2. "
        "Rename or deactivate the others in the CMS."
    )
