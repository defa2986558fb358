"""Floor labels: the choice, the list, the meaning."""

import polars as pl
import pytest

from etl.transform.floors import (
    CANDIDATES,
    candidates_of,
    ends_of,
    floor_candidates,
    floor_label,
    split_floor_label,
)


@pytest.mark.parametrize(
    ("revised", "original", "expected"),
    [
        ("3F", "G", "3F"),
        (None, "G", "G"),
        ("-", "G", "G"),
        ("-", None, "-"),
        (",", "1", "1"),
        (None, None, None),
        ("ชั้น ๓", "G", "ชั้น ๓"),
    ],
)
def test_label_is_the_revised_one(revised: str | None, original: str | None, expected: str | None) -> None:
    """The revised label comes first, unless it is blank or says nothing and floor is there."""
    labels = pl.DataFrame({"r": [revised], "o": [original]}, schema={"r": pl.String, "o": pl.String})
    assert labels.select(floor_label(pl.col("r"), pl.col("o"))).to_series().to_list() == [expected]


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("3F", ["3F"]),
        (",1", ["1"]),
        ("2,3", ["2", "3"]),
        ("Fl. 3,4", ["Fl. 3", "4"]),
        ("Fl. G,GA", ["Fl. G", "GA"]),
        ("7,7A,8A", ["7", "7A", "8A"]),
        ("Fl. BM1,G", ["Fl. BM1", "G"]),
        ("1 ; 2/3&4+5", ["1", "2", "3", "4", "5"]),
        ("1，2、3；4／5", ["1", "2", "3", "4", "5"]),
        ("ground floor and first floor", ["ground floor", "first floor"]),
        ("ชั้น 1 และ 2", ["ชั้น 1", "2"]),
        ("G/Fและ3/F", ["G/F", "3/F"]),
        ("1Fและand2F", ["1F", "and2F"]),
        ("Gและand", ["G"]),
        ("/และF", ["F"]),
        ("3,3, 3 ,4", ["3", "4"]),
        ("3/F", ["3/F"]),
        ("g/f,1/F", ["g/f", "1/F"]),
        ("1F/2F", ["1F", "2F"]),
        ("1/FL", ["1/FL"]),
        ("B1/G/F", ["B1", "G/F"]),
        ("1F|2F", ["1F", "2F"]),
        ("1F\n2F", ["1F", "2F"]),
        ("1F、2F｜3F", ["1F", "2F", "3F"]),
        ("1F (ICONLUXE)", ["1F"]),
        ("1F (by the (old) lift), 2F", ["1F", "2F"]),
        ("1F ((", ["1F"]),
        ("1F ((a) b", ["1F"]),
        ("((3))", ["((3))"]),
        ("1F (North, near lift), 2F [South]", ["1F", "2F"]),
        ("1F（ทิศเหนือ）", ["1F"]),
        ("1F (North", ["1F"]),
        ("(3F)", ["(3F)"]),
        ("1F, -, (South)", ["1F"]),
        ("3\u200bF, \u200e4F\u202c", ["3F", "4F"]),
        ("1F-3F, 5F", ["1F-3F", "5F"]),
        ("3F,\u200b3F", ["3F"]),
        ("-", []),
        ("Grand Hall", ["Grand Hall"]),
        (" , ;", []),
        (None, []),
    ],
)
def test_list_is_split(label: str | None, parts: list[str]) -> None:
    """A list gives its distinct parts in order; `3/F` is one floor; no label gives an empty list."""
    labels = pl.DataFrame({"label": [label]}, schema={"label": pl.String})
    assert labels.select(split_floor_label(pl.col("label"))).to_series().to_list() == [parts]


NUMBERS = {
    **dict.fromkeys(
        [
            "1",
            "1F",
            "1f",
            "01",
            "1st floor",
            "Fl. 1",
            "Level 1",
            "L1",
            "L 1",
            "F1",
            "1/F",
            "1A",
            "1.",
            "1 (A)",
        ],
        "1F",
    ),
    **dict.fromkeys(
        [
            "3F Floor",
            "3rd Floor",
            "3 f",
            "FL3",
            "Floor 3",
            "ชั้น 3",
            "ชั้น ๓",
            "ชั้นที่ 3",
            "３Ｆ",
            "Level-3",
            "Level - 3",
        ],
        "3F",
    ),
    **dict.fromkeys(
        [
            "Lv.3",
            "Lv 3",
            "lv3",
            "Level 3",
            "L3",
            "3/F",
            "3/Fl",
            "3.0",
            "03.00",
            "๓",
            "Levels 3",
            "\u200e3F",
            "3\u200bF",
        ],
        "3F",
    ),
    **dict.fromkeys(["-1", "\u22121", "-1F", "Level -1", "ชั้น -1", "Fl.-1", "B-1", "B1.0", "-01"], "B1"),
    **dict.fromkeys(["-2", "Floor -2", "\u20132"], "B2"),
    "7A": "7F",
    "8A": "8F",
    "22nd floor": "22F",
    "120": "120F",
    "B1": "B1",
    "b2": "B2",
    "B1F": "B1",
    "B1 Floor": "B1",
    "basement 1": "B1",
    "Basement Floor 2": "B2",
    "Fl. B1": "B1",
    "ชั้นใต้ดิน 2": "B2",
    "BF": "BF",
    "Fl. BF": "BF",
    "basement": "BF",
    "BM": "BM",
    "Fl. Skywalk": "SKYWALK",
}


@pytest.mark.parametrize(("label", "code"), NUMBERS.items())
def test_codes(label: str, code: str) -> None:
    """Numbers are `NF`, basements `Bn`, an `A` behind a number says nothing, the word for floor goes."""
    assert candidates_of(label) == (None, code, None)


NAMES = {
    **dict.fromkeys(
        ["G", "GF", "GA", "Fl. G", "Fl. GA", "ground floor", "Ground", "G/F", "ชั้น G", "Level G"], "GF"
    ),
    **dict.fromkeys(["U", "UG", "Fl. U", "upper ground", "Upper  Ground Floor", "Upper-Ground"], "UG"),
    **dict.fromkeys(["M", "MF", "Fl. M", "mezzanine", "mezzanine floor", "ชั้นลอย"], "MF"),
    **dict.fromkeys(["LG", "lower ground floor"], "LG"),
    "first floor": "1F",
    "second floor": "2F",
    "third floor": "3F",
    "fourth floor": "4F",
    "fifth floor": "5F",
    "sixth floor": "6F",
    "Seventh Floor": "7F",
    "eighth floor": "8F",
    "twelfth": "12F",
    "twentieth floor": "20F",
    "Level Two": "2F",
}


@pytest.mark.parametrize(("label", "alias"), NAMES.items())
def test_aliases(label: str, alias: str) -> None:
    """Names of floors have their meaning from the table of aliases."""
    assert candidates_of(label) == (alias, None, None)


@pytest.mark.parametrize(
    ("label", "code", "fallback"), [("BM1", "BM1", "B1"), ("BM2", "BM2", "B2"), ("Fl. BM1", "BM1", "B1")]
)
def test_basement_mezzanine_falls_back_to_its_basement(label: str, code: str, fallback: str) -> None:
    """`BMn` is `BMn` where the database has it, else `Bn`."""
    assert candidates_of(label) == (None, code, fallback)


@pytest.mark.parametrize("label", ["ICONLUXE", "7B", "0", "Fl.", "Floor", "-", "F", "1-3", "rooftop", "1000"])
def test_labels_without_meaning(label: str) -> None:
    """A label that no rule understands has no candidate; only its name itself can match."""
    assert candidates_of(label) == (None, None, None)


@pytest.mark.parametrize(
    ("label", "ends"),
    [
        ("1F-3F", ("1f", "3f")),
        ("1 to 3", ("1", "3")),
        ("1F to 3F", ("1f", "3f")),
        ("1Fto3F", ("1f", "3f")),
        ("from 1 to 3", ("1", "3")),
        ("B1~1F", ("b1", "1f")),
        ("B1 \uff5e 1F", ("b1", "1f")),
        ("1F \u2013 3F", ("1f", "3f")),
        ("1F\u20143F", ("1f", "3f")),
        ("1F..3F", ("1f", "3f")),
        ("1F ถึง 3F", ("1f", "3f")),
        ("ชั้น ๑-๓", ("ชั้น 1", "3")),
        ("Floors 1-3", ("floors 1", "3")),
        ("2nd to 4th floor", ("2nd", "4th floor")),
        ("-2 - 1F", ("-2", "1f")),
        ("Upper-Ground to 3F", ("upper-ground", "3f")),
        ("Floors 3-4x", ("floors 3", "4x")),
        ("B-1", None),
        ("-1", None),
        ("Level - 3", None),
        ("Upper-Ground", None),
        ("3F", None),
        ("tomato", None),
        ("-", None),
    ],
)
def test_ends_of_a_range(label: str, ends: tuple[str, str] | None) -> None:
    """Two labels with a dash, a tilde, dots or a word between them; a code with a dash is none."""
    assert ends_of(label) == ends


def test_candidates_of_the_ends_of_a_range() -> None:
    """The ends of a range are labels themselves, and no ranges."""
    assert floor_candidates(pl.Series(["1F-3F", "1-2 to 3"])).rows() == [
        ("1-2", None, None, None, None, None),
        ("1-2 to 3", None, None, None, "1-2", "3"),
        ("1F-3F", None, None, None, "1f", "3f"),
        ("1f", None, "1F", None, None, None),
        ("3", None, "3F", None, None, None),
        ("3f", None, "3F", None, None, None),
    ]


def test_candidates_of_distinct_labels() -> None:
    """One row per distinct label, sorted; nulls are left out; no labels give an empty frame."""
    candidates = floor_candidates(pl.Series(["G", None, "1", "G"]))
    assert candidates["label"].to_list() == ["1", "G"]
    assert floor_candidates(pl.Series([], dtype=pl.String)).schema == CANDIDATES == candidates.schema
